// Runs the library beside the page, which stays alive while it works. wasm_exec.js is that of the Go that built elman.wasm.gz.
import './wasm_exec.js';
import { start } from './elman.mjs';

const gzip = [0x1f, 0x8b];

// fetched promises the bytes of a file.
async function fetched(name) {
	const answer = await fetch(new URL(name, import.meta.url));
	if (!answer.ok) throw new Error(`${name}: ${answer.status} ${answer.statusText}`);
	return new Uint8Array(await answer.arrayBuffer());
}

// unpacked unpacks a file, unless the server has done so.
async function unpacked(bytes) {
	if (!gzip.every((b, i) => bytes[i] === b)) return bytes;
	return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
}

try {
	const program = fetched('elman.wasm.gz').then(unpacked);
	const { models, languages } = JSON.parse(new TextDecoder().decode(await fetched('site.json')));
	const files = await Promise.all(models.map(fetched));
	self.elmanModels = files.map((bytes, i) => ({ name: models[i], bytes }));
	self.elmanLanguages = languages;
	const kernels = new URLSearchParams(self.location.search).get('kernels') ?? undefined;
	const running = await start(await program, { kernels });
	running.exited.then((code) => postMessage({ failed: `the program ended with ${code}` }));
	postMessage({ ready: { kernels: running.kernels } });
} catch (e) {
	postMessage({ failed: e.message });
}
