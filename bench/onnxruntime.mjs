// Measures onnxruntime: FOLDER holds node_modules, MODEL is an ONNX file with states, and symbols are random numbers below VOCABULARY.
// It reads lines of "BATCH SECONDS" and answers each with the symbols read and the processor time that took, logits alone.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const [folder, model, vocabulary] = process.argv.slice(2)
const say = line => console.log(JSON.stringify(line))
let ort, version
try {
  const require = createRequire(folder + '/')
  ort = require('onnxruntime-node')
  version = require('onnxruntime-node/package.json').version
} catch (error) {
  say({ missing: true })
  process.exit()
}

const window = 64
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 })

// reader returns a function that reads a window of batch texts, side by side.
function reader(batch) {
  const symbols = BigInt64Array.from({ length: window * batch }, () => BigInt(Math.floor(Math.random() * vocabulary)))
  const feeds = { symbols: new ort.Tensor('int64', symbols, [window, batch]) }
  for (const { name, shape } of session.inputMetadata) {
    const dims = shape.map(n => n === 'batch' ? batch : n)
    if (name !== 'symbols') feeds[name] = new ort.Tensor('float32', new Float32Array(dims.reduce((a, b) => a * b)), dims)
  }
  return async () => {
    const results = await session.run(feeds)
    for (const name in feeds) if (name !== 'symbols') feeds[name] = results[name + '_out']
  }
}

say({ about: `onnxruntime ${version}` })
for await (const line of createInterface({ input: process.stdin })) {
  const [batch, seconds] = line.split(' ').map(Number)
  const read = reader(batch)
  await read()
  const begin = performance.now(), busy = process.cpuUsage()
  let windows = 0
  for (; performance.now() - begin < seconds * 1000; windows++) await read()
  const { user, system } = process.cpuUsage(busy)
  say({ chars: windows * window * batch, seconds: (performance.now() - begin) / 1000, cpu_seconds: (user + system) / 1e6 })
}
