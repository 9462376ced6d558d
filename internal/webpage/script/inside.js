// The units of the network over the text in view: all of them at one symbol, and each of them over many.

// fieldOf makes of a quantity what package page's script calls a field.
function fieldOf(units, q) {
  const raw = atob(q.levels), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  const of = units.hidden;
  return { quantity: q.name, meaning: q.meaning, low: q.low, high: q.high, levels: 255, all: of, first: units.first, symbols: units.symbols,
    at: (i, u) => (i >= units.first && i < units.first + units.symbols ? bytes[(i - units.first) * of + u] : -1) };
}

// drawFilm draws units over symbols: a row for each unit, a column for each symbol from one number to another.
function drawFilm(canvas, field, from, to, marked) {
  const n = Math.max(1, to - from), H = field.all, context = canvas.getContext("2d"), colours = new Map();
  const rgb = (name) => {
    if (!colours.has(name)) colours.set(name, (colourOf(name).match(/\d+/g) ?? [128, 128, 128]).slice(0, 3).map(Number));
    return colours.get(name);
  };
  canvas.width = n;
  canvas.height = H;
  canvas.style.height = Math.min(256, Math.max(64, H * 2)) + "px";
  const image = context.createImageData(n, H);
  for (let i = 0; i < n; i++) {
    for (let u = 0; u < H; u++) {
      const level = field.at(from + i, u), p = 4 * (u * n + i);
      if (level < 0) continue;
      const [r, g, b] = rgb(scaled(field, level));
      image.data[p] = r;
      image.data[p + 1] = g;
      image.data[p + 2] = b;
      image.data[p + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  if (marked >= from && marked < to) {
    context.globalAlpha = 0.55;
    context.fillStyle = ink();
    context.fillRect(marked - from, 0, 1, H);
    context.globalAlpha = 1;
  }
}

const filmLength = 160;

const inside = {
  text: null, // the SymbolText in view
  model: "",
  fields: [],
  turn: 0,
  unitAt: () => -1,

  // look makes a text the one whose units are shown.
  look(text, model) {
    if (this.text) { this.text.pointed = () => {}; this.colour(false); }
    this.text = text;
    this.model = model;
    this.fields = [];
    element("inside").hidden = !text || !model;
    if (text) text.pointed = () => this.draw();
    this.refresh();
  },

  // refresh asks for the units of the text, as it is now or will be soon.
  async refresh(symbols = this.text?.symbols) {
    const mine = ++this.turn, text = this.text;
    if (!text || !this.model || !element("inside-box").open) return;
    if (!symbols.length) { this.fields = []; return this.draw(); }
    try {
      for await (const units of backend.ask("units", { model: this.model, text: textOf(symbols), layer: Number(element("layer").value) || 0 })) {
        if (mine !== this.turn) return;
        this.fields = units.quantities.map((q) => fieldOf(units, q));
        const names = this.fields.map((f) => (f.meaning ? `${f.quantity} · ${f.meaning}` : f.quantity));
        refill(element("quantity"), this.fields.map((f) => f.quantity), names);
        refill(element("layer"), Array.from({ length: units.layers }, (_, i) => String(i)), Array.from({ length: units.layers }, (_, i) => String(i + 1)));
        element("layer-label").hidden = units.layers < 2;
        element("unit").max = units.hidden - 1;
      }
      element("inside-note").textContent = "";
    } catch (error) {
      if (mine !== this.turn) return;
      this.fields = [];
      element("inside-note").textContent = error.message;
    }
    this.draw();
  },

  field() { return this.fields.find((f) => f.quantity === element("quantity").value) ?? this.fields[0]; },

  draw() {
    const field = this.field(), text = this.text;
    element("cells").hidden = element("film").hidden = !field;
    if (!field || !text) {
      element("cells-caption").textContent = text?.symbols.length ? "" : "As soon as there is a text, every unit is a cell here.";
      element("film-caption").textContent = "";
      return;
    }
    const unit = Math.min(Number(element("unit").value) || 0, field.all - 1), end = text.spans.length;
    const at = text.current >= 0 ? text.current : end - 1;
    this.unitAt = drawCells(element("cells"), field.all, (u) => scaled(field, field.at(at, u)), unit);
    const name = text.symbols[at] ? nameOf(nameFor(text.symbols[at])) : "";
    element("cells-caption").textContent = `${number(field.all)} units after “${drawn(name)}”; unit ${unit}: ${write(field, field.at(at, unit))}`;
    const from = Math.max(0, Math.min(at - (filmLength >> 1), end - filmLength)), to = Math.min(end, from + filmLength);
    drawFilm(element("film"), field, from, to, at);
    element("film-caption").textContent = `${field.meaning || field.quantity} of each unit (rows) after symbols ${number(from + 1)} to ${number(to)} (columns)`;
    this.colour(element("by-unit").checked);
  },

  // colour makes the text show the chosen unit in place of surprisal.
  colour(on) {
    const field = on ? this.field() : null, kind = field ? (field.low < 0 ? "d" : "q") : "s";
    for (const which of ["s", "r", "q", "d"]) element("legend-" + which).hidden = which !== kind;
    if (!this.text) return;
    const unit = Number(element("unit").value) || 0;
    if (field) marks(kind, field.low, field.high, `${field.meaning || field.quantity}, unit ${unit}`);
    const before = this.text.classOf;
    this.text.classOf = field ? (i) => scaled(field, field.at(i, unit)) : null;
    if (field || before) this.text.paintAll();
  },

  begin() {
    element("inside-box").addEventListener("toggle", () => this.refresh());
    element("layer").addEventListener("change", () => this.refresh());
    for (const id of ["quantity", "unit", "by-unit"]) element(id).addEventListener("input", () => this.draw());
    element("cells").addEventListener("click", (e) => {
      const u = this.unitAt(e.offsetX, e.offsetY);
      if (u < 0) return;
      element("unit").value = u;
      this.draw();
    });
    matchMedia("(prefers-color-scheme:dark)").addEventListener("change", () => this.draw());
  },
};

// refill gives a choice its options, and keeps what is chosen where it can.
function refill(select, values, labels) {
  const old = select.value, same = select.options.length === values.length && values.every((v, i) => select.options[i].value === v);
  if (same) return;
  select.replaceChildren(...values.map((v, i) => new Option(labels[i], v)));
  if (values.includes(old)) select.value = old;
}
