// Runs a Go program that uses elman, built for js/wasm with -tags simd, with vector kernels in its memory: in browsers, Node
// and whatever else has WebAssembly. wasm_exec.js of the Go that built the program must have been imported before.

// start instantiates a program and runs it. program is what fetch promises, a response or the bytes of the module. Of the
// options, argv and env are the program's arguments (argv[0] is its name) and environment; kernels names what may be loaded:
// "fused", or else "exact", or else "none", the default being the first of them that the engine can run; get takes the URL
// of a file beside this one and promises its bytes.
//
// It promises { kernels, exited, go }: what was loaded, a promise of the program's exit code, and wasm_exec.js's object.
export async function start(program, options = {}) {
	const go = new globalThis.Go();
	if (options.argv) go.argv = options.argv;
	if (options.env) go.env = options.env;
	const get = options.get ?? bytes;
	const entry = (await WebAssembly.instantiate(await get(new URL('entry.wasm', import.meta.url)))).instance.exports;
	let loaded = 'none';
	// A program imports functions that reach kernels through a table, since its memory does not exist before it does.
	go.importObject.elman = { ...entry, kernels: () => (loaded === 'none' ? 0 : 1) };
	const { instance } = await instantiate(await program, go.importObject).catch((e) => {
		if (e instanceof WebAssembly.LinkError) e.message += '; the program and entry.wasm may be of different versions';
		throw e;
	});
	loaded = await load(options.kernels ?? 'fused', instance.exports.mem, entry.table, get);
	let status = 0;
	go.exit = (code) => (status = code);
	return { kernels: loaded, exited: go.run(instance).then(() => status), go };
}

// load fills the table with the fastest kernels that compute the right bits, and promises their name.
async function load(most, mem, table, get) {
	const names = ['fused', 'exact', 'none'];
	if (!names.includes(most)) throw new Error(`kernels are ${most}, must be ${names.join(', ')}`);
	for (const name of names.slice(names.indexOf(most), -1)) {
		try {
			const module = await get(new URL(name + '.wasm', import.meta.url));
			const { instance } = await WebAssembly.instantiate(module, { go: { mem }, elman: { table } });
			// Relaxed multiply-adds may round twice. Then 2^-24 gets lost.
			if (name === 'exact' || instance.exports.fused(1 + 2 ** -12, -(1 + 2 ** -11))) return name;
		} catch (e) {
			if (!(e instanceof WebAssembly.CompileError)) throw e; // this engine has no such instructions
		}
	}
	return 'none';
}

async function instantiate(source, imports) {
	if (typeof Response === 'undefined' || !(source instanceof Response)) return WebAssembly.instantiate(source, imports);
	if (!source.ok) throw new Error(`${source.url}: ${source.status} ${source.statusText}`);
	if (source.headers.get('content-type') === 'application/wasm') return WebAssembly.instantiateStreaming(source, imports);
	return WebAssembly.instantiate(await source.arrayBuffer(), imports);
}

async function bytes(url) {
	if (url.protocol === 'file:' && globalThis.process?.versions?.node) return (await import('node:fs/promises')).readFile(url);
	const answer = await fetch(url);
	if (!answer.ok) throw new Error(`${url}: ${answer.status} ${answer.statusText}`);
	return answer.arrayBuffer();
}
