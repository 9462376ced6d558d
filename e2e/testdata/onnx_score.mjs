// Prints the bits per character that models say of a text, with the alphabet of their metadata. Arguments: the text, and ONNX
// files with states.
import { readFileSync } from 'node:fs'
import * as ort from 'onnxruntime-node'

// metadata returns ModelProto's metadata_props, which onnxruntime does not show: field 14, entries of key and value.
function metadata(file) {
  const fields = function* (b) {
    for (let at = 0; at < b.length;) {
      const number = () => { let n = 0, digit = 1, c; do { c = b[at++]; n += c % 128 * digit; digit *= 128 } while (c > 127); return n }
      const tag = number(), size = number()
      if (tag % 8 === 2) yield [tag >> 3, b.subarray(at, at += size)]
    }
  }
  const entries = [...fields(file)].filter(([field]) => field === 14).map(([, entry]) => [...fields(entry)].map(([, s]) => new TextDecoder().decode(s)))
  return Object.fromEntries(entries)
}

const [text, ...files] = process.argv.slice(2)
for (const name of files) {
  const file = readFileSync(name), alphabet = JSON.parse(metadata(file).alphabet)
  const chars = [...readFileSync(text, 'utf8')]
  const ids = [alphabet.start, ...chars.map(c => alphabet.symbols.includes(c) ? alphabet.symbols.indexOf(c) : alphabet.escape)]
  const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 1 })
  const feeds = {}
  for (const { name, shape } of session.inputMetadata) {
    const dims = shape.map(n => n === 'batch' ? 1 : n)
    if (name !== 'symbols') feeds[name] = new ort.Tensor('float32', new Float32Array(dims.reduce((a, b) => a * b)), dims)
  }
  let bits = 0
  for (let at = 0; at < chars.length; at += 400) {
    const part = ids.slice(at, Math.min(at + 400, chars.length))
    const results = await session.run({ ...feeds, symbols: new ort.Tensor('int64', BigInt64Array.from(part, BigInt), [part.length, 1]) })
    for (const name in feeds) feeds[name] = results[name + '_out']
    part.forEach((_, i) => {
      const z = results.logits.data.subarray(i * alphabet.symbols.length, (i + 1) * alphabet.symbols.length)
      bits += Math.log2(z.reduce((sum, x) => sum + Math.exp(x), 0)) - z[ids[at + i + 1]] / Math.LN2
    })
  }
  console.log(bits / chars.length)
}
