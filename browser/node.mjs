// node [--experimental-wasm-relaxed-simd] node.mjs PROGRAM.wasm [ARGUMENT ...]: runs a Go program in Node with its files,
// arguments and environment. Node 20 has relaxed multiply-adds behind that flag only. ELMAN_WASM_KERNELS is the most that is
// loaded: fused, exact or none. For tests: go test -exec "node .../node.mjs".
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { start } from './elman.mjs';

Object.assign(globalThis, { fs, path }); // for wasm_exec.js
const root = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
await import(pathToFileURL(path.join(root, 'lib', 'wasm', 'wasm_exec.js')));

const argv = process.argv.slice(2);
const { exited, go } = await start(fs.readFileSync(argv[0]), {
	argv,
	env: { TMPDIR: os.tmpdir(), ...process.env },
	kernels: process.env.ELMAN_WASM_KERNELS,
});
process.on('exit', (code) => {
	if (code !== 0 || go.exited) return;
	go._pendingEvent = { id: 0 }; // nothing will happen any more: let Go say who waits for what
	go._resume();
});
process.exit(await exited);
