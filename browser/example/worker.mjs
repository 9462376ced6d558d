// Runs the program beside the page, which stays alive while the program works. wasm_exec.js must be that of the Go that built
// the program.
import './wasm_exec.js';
import { start } from '../elman.mjs';

const kernels = new URLSearchParams(self.location.search).get('kernels') ?? undefined;
const program = await start(fetch(new URL('example.wasm', import.meta.url)), { kernels });
postMessage({ what: 'kernels', value: program.kernels });
