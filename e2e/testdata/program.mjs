// Runs program.wasm in a worker with the arguments, the environment and the files that the query names.
const query = new URLSearchParams(self.location.search);
const files = new Map();
for (const name of query.getAll('file')) files.set(name, new Uint8Array(await (await fetch('files/' + name)).arrayBuffer()));

const text = new TextDecoder();
const write = (fd, bytes) => {
	postMessage({ text: text.decode(bytes, { stream: true }) });
	return bytes.length;
};
const no = (code) => (...args) => args.at(-1)(Object.assign(new Error(code), { code }));
const open = new Map();
const about = (bytes) => ({ dev: 0, ino: 0, mode: 0o100444, nlink: 1, uid: 0, gid: 0, rdev: 0, size: bytes.length, blksize: 512, blocks: 0, atimeMs: 0, mtimeMs: 0, ctimeMs: 0, isDirectory: () => false });
globalThis.fs = {
	constants: { O_WRONLY: 1, O_RDWR: 2, O_CREAT: 64, O_TRUNC: 512, O_APPEND: 1024, O_EXCL: 128, O_DIRECTORY: 65536 },
	writeSync: write,
	write: (fd, buffer, offset, length, position, done) => done(null, write(fd, buffer.subarray(offset, offset + length))),
	open(path, flags, mode, done) {
		if (!files.has(path)) return no('ENOENT')(done);
		const fd = 3 + open.size;
		open.set(fd, { bytes: files.get(path), at: 0 });
		done(null, fd);
	},
	read(fd, buffer, offset, length, position, done) {
		const f = open.get(fd), from = position ?? f.at, part = f.bytes.subarray(from, from + length);
		buffer.set(part, offset);
		if (position === null) f.at += part.length;
		done(null, part.length);
	},
	fstat: (fd, done) => done(null, about(open.get(fd).bytes)),
	stat: (path, done) => (files.has(path) ? done(null, about(files.get(path))) : no('ENOENT')(done)),
	lstat: (path, done) => fs.stat(path, done),
	close: (fd, done) => done(null),
	fsync: (fd, done) => done(null),
};
for (const name of ['chmod', 'chown', 'fchmod', 'fchown', 'ftruncate', 'lchown', 'link', 'mkdir', 'readdir', 'readlink', 'rename', 'rmdir', 'symlink', 'truncate', 'unlink', 'utimes']) fs[name] = no('ENOSYS');
globalThis.process = { getuid: () => -1, getgid: () => -1, geteuid: () => -1, getegid: () => -1, getgroups: no('ENOSYS'), pid: -1, ppid: -1, umask: no('ENOSYS'), cwd: () => '/', chdir: no('ENOSYS') };

await import('./wasm_exec.js');
const { start } = await import('./browser/elman.mjs');
const { kernels, exited } = await start(fetch('program.wasm'), {
	argv: ['program', ...query.getAll('arg')],
	env: Object.fromEntries(query.getAll('env').map((e) => e.split('='))),
	kernels: query.get('kernels') ?? undefined,
});
postMessage({ kernels });
postMessage({ status: await exited });
