// What the page holds: its text, and the data that are packed beside it. Nothing in these files makes HTML of strings.

const element = (id) => document.getElementById(id);
const data = JSON.parse(element("data").textContent);
const text = element("text"), details = element("details");
const spans = Array.from(text.querySelectorAll("span"));
// What the text can be coloured by besides fields.
const surprisal = "surprisal", rank = "rank", influence = "influence";
const plainly = [surprisal, ...(data.rank ? [rank] : []), ...(data.influence ? [influence] : [])];
// What a class of a symbol says: its level of bits, and what kind of symbol it is.
const levels = new Uint8Array(spans.length), kinds = new Array(spans.length);
spans.forEach((span, i) => {
  const [level, kind] = span.className.split(" ");
  span.at = i;
  levels[i] = Number(level.slice(1));
  kinds[i] = kind ? " " + kind : "";
});

const canUnpack = typeof DecompressionStream === "function";

async function unpack(id) {
  const packed = atob(element(id).textContent);
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = packed.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).arrayBuffer();
}

async function column(c) {
  const bytes = await unpack(c.id);
  return c.width === 1 ? new Uint8Array(bytes) : c.width === 2 ? new Uint16Array(bytes) : new Uint32Array(bytes);
}

// contents returns a field's values, each once unpacked.
function contents(field) {
  field.contents ??= unpack(field.id).then((bytes) => new Uint8Array(bytes));
  return field.contents;
}

// reader returns a function from a symbol's number to the level of a unit, -1 beyond what the file has.
function reader(field, bytes, unit) {
  const place = field.units.indexOf(unit);
  if (field.levels > 16) return (i) => (i < field.shown ? bytes[place * field.shown + i] : -1);
  const row = (field.shown + 1) >> 1;
  return (i) => (i < field.shown ? (bytes[place * row + (i >> 1)] >> (4 * (i & 1))) & 15 : -1);
}
