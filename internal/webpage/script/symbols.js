// Symbols, as records have them, and what is drawn for them.

const element = (id) => document.getElementById(id);
const hexOf = (x) => x.toString(16).toUpperCase().padStart(2, "0");

// nameFor returns what is drawn for a symbol or a guess, and what it is called: nothing that is drawn is invisible, turns the
// direction of writing or clings to what stands before it.
function nameFor({ text, hex, escape }) {
  if (escape) return ["�", "anything else"];
  if (hex) return [`⟨${hex.toUpperCase()}⟩`, "a byte that is no text"];
  if (text === "") return ["⁀", "no space in between"];
  if (text === " ") return [" ", "space"];
  if (text === "\n") return ["\n", "line break"];
  if (text === "\t") return ["\t", "tab"];
  let shown = "", called = "", first = true;
  for (const c of text) {
    const code = c.codePointAt(0), name = "U+" + code.toString(16).toUpperCase().padStart(4, "0");
    if (code < 32 || code === 127) { shown += `⟨${hexOf(code)}⟩`; called = name; }
    else if (first && /[\p{Mn}\p{Me}]/u.test(c)) { shown += "◌" + c; called = name; }
    else if (c !== " " && /[\p{C}\p{Z}]/u.test(c)) { shown += `⟨${name}⟩`; called = name; }
    else shown += c;
    first = false;
  }
  const [only] = text;
  if (text.length === only.length && only.codePointAt(0) >= 128) called = "U+" + only.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  return [shown, called];
}

const encoder = new TextEncoder(), decoder = new TextDecoder();

// textOf returns the text of symbols. Bytes that make no character are left out: no request could hold them.
function textOf(symbols) {
  if (!symbols.some((s) => s.hex)) return symbols.map((s) => s.text).join("");
  const bytes = symbols.flatMap((s) => (s.hex ? s.hex.match(/../g).map((x) => parseInt(x, 16)) : [...encoder.encode(s.text)]));
  return decoder.decode(new Uint8Array(bytes)).replaceAll("\ufffd", "");
}

// surpriseClass returns the class of a symbol's bits, on a scale to high.
const surpriseClass = (bits, high) => "s" + Math.min(20, Math.max(0, Math.floor((bits / high) * 20)));

// scaleFor returns where the scale of a model's bits ends: symbols of many kinds, as words are, take more.
const scaleFor = (model) => (model && model.symbols > 512 ? 20 : 10);

const number = (n) => Number(n).toLocaleString("en");
const calm = matchMedia("(prefers-reduced-motion:reduce)");
const say = (text) => { element("spoken").textContent = text; };
const sameSymbol = (a, b) => a.text === b.text && (a.hex ?? "") === (b.hex ?? "") && !a.escape;
