// Runs the ONNX files of a folder and compares what they make of some symbols with what is beside them. Arguments: the runtime, a
// package of npm; the folder; and how many of the files are left out after each that is tried.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const [runtime, folder, skip] = process.argv.slice(2)
const ort = await import(runtime)
if (ort.env.wasm) ort.env.wasm.numThreads = 1
const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 }
const steps = 500, streams = 7, restarted = 3
const load = name => ort.InferenceSession.create(new Uint8Array(readFileSync(join(folder, name))), options)

// fed returns the inputs of a session: symbols, and states of zero for so many texts.
function fed(session, batch) {
  const feeds = {}
  for (const { name, shape } of session.inputMetadata.slice(1)) {
    const dims = shape.map(n => n === 'batch' ? batch : n)
    feeds[name] = new ort.Tensor('float32', new Float32Array(dims.reduce((a, b) => a * b)), dims)
  }
  return feeds
}

// restart makes one text of the batch begin anew: its states are zero.
function restart(feeds, batch) {
  for (const [name, { data, dims }] of Object.entries(feeds)) {
    const axis = dims.length - 2, inner = name === 'begun' ? 1 : dims.at(-1) // [batch], [batch, H], [K-1, batch, C]
    for (let i = restarted * inner; axis >= -1 && i < data.length; i += batch * inner) data.fill(0, i, i + inner)
  }
}

// run reads the first texts in parts of so many time steps and calls each(time step, text, logits).
async function run(session, symbols, batch, parts, each) {
  const feeds = fed(session, batch)
  let t = 0
  for (const n of parts) {
    if (t === steps / 2 && batch > restarted) restart(feeds, batch)
    const ids = new BigInt64Array(n * batch)
    for (let i = 0; i < n; i++) for (let b = 0; b < batch; b++) ids[i * batch + b] = BigInt(symbols[(t + i) * streams + b])
    const results = await session.run({ ...feeds, symbols: new ort.Tensor('int64', ids, [n, batch]) })
    const { data, dims } = results[session.outputNames[0]], V = dims[2]
    if (dims[0] !== n || dims[1] !== batch) throw new Error(`logits of the shape ${dims}`)
    for (let i = 0; i < n; i++) for (let b = 0; b < batch; b++) each(t + i, b, data.subarray((i * batch + b) * V).subarray(0, V))
    for (const name in feeds) feeds[name] = results[name + '_out']
    t += n
  }
}

// bits returns the surprisal of a symbol.
function bits(logits, symbol) {
  const most = Math.max(...logits)
  return Math.log2(logits.reduce((sum, z) => sum + Math.exp(z - most), 0)) - (logits[symbol] - most) / Math.LN2
}

const cases = JSON.parse(readFileSync(join(folder, 'cases.json')))
const told = []
for (let i = 0; i < cases.length; i += 1 + Number(skip)) {
  const { name, network, symbols } = cases[i]
  const file = readFileSync(join(folder, name + '.logits'))
  const want = new Float32Array(file.buffer.slice(file.byteOffset, file.byteOffset + file.length))
  const V = want.length / steps / streams
  const result = { name, network, compared: 0, difference: 0, largest: 0, bits: 0, bitsWanted: 0, texts: 0 }
  const compare = (t, b, logits) => {
    const wanted = want.subarray((t * streams + b) * V).subarray(0, V)
    if (logits.length !== V) throw new Error(`${logits.length} logits, want ${V}`)
    for (let j = 0; j < V; j++) {
      const d = Math.abs(logits[j] - wanted[j])
      if (!(d <= result.difference)) result.difference = d // NaN too
      result.largest = Math.max(result.largest, Math.abs(wanted[j]))
    }
    result.compared += V
    if (!network.codes) {
      const symbol = symbols[(t * streams + b + 1) % symbols.length]
      result.bits += bits(logits, symbol)
      result.bitsWanted += bits(wanted, symbol)
      result.texts++
    }
  }
  const session = await load(name + '.onnx'), whole = await load(name + '.whole.onnx')
  await run(session, symbols, 1, [...Array(250).fill(1), 50, 50, 50, 50, 50], compare)
  await run(session, symbols, streams, [1, 2, 7, 40, 200, 125, 1, 124], compare)
  await run(whole, symbols, 1, [steps], compare)
  await run(whole, symbols, streams, [steps / 2], compare)
  await Promise.all([session.release(), whole.release()])
  told.push(result)
}
process.stdout.write(JSON.stringify(told))
