// What every page about a text shares: this one, and that of elman serve. Nothing here knows where a text comes from.

function make(tag, className, content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}

// A name is what is drawn for a symbol, and what it is called where that differs.
const drawn = (shown) => ({ " ": "␣", "\n": "↵", "\t": "⇥" })[shown] ?? shown;
const nameOf = ([shown, called]) => called || shown;
const percent = (bits) => {
  const p = 100 * 2 ** -bits;
  return p >= 10 ? p.toFixed(0) + " %" : p >= 0.1 ? p.toFixed(1) + " %" : p >= 0.001 ? p.toFixed(3) + " %" : "< 0.001 %";
};

// glyphHead is the heading of what is told of a symbol.
function glyphHead(name) {
  const head = make("h3");
  head.append(make("span", "glyph", drawn(name[0])), nameOf(name));
  return head;
}

// guessTable lists guesses, { name, bits, hit }. Where there is take, each is a button that calls it.
function guessTable(list, take) {
  const table = make("table"), body = make("tbody"), head = make("tr");
  head.append(make("th", "", "expected"), make("th", "number", "chance"), make("th"));
  body.append(head);
  for (const g of list) {
    const row = make("tr", g.hit ? "hit" : ""), bar = make("td", "bar"), length = make("div");
    length.style.width = 100 * 2 ** -g.bits + "%";
    bar.append(length);
    const cell = make("td", "", take ? undefined : drawn(g.name[0]));
    cell.title = nameOf(g.name);
    if (take) {
      const button = make("button", "guess", drawn(g.name[0]));
      button.type = "button";
      button.setAttribute("aria-label", `${nameOf(g.name)}, ${percent(g.bits)}: write on with it`);
      button.addEventListener("click", () => take(g));
      cell.append(button);
    }
    row.append(cell, make("td", "number", percent(g.bits)), bar);
    body.append(row);
  }
  table.append(body);
  return table;
}

// nearest returns the number of the span above or below another, itself where there is none.
function nearest(spans, current, way) {
  const from = spans[current].getBoundingClientRect();
  let best = current, near = Infinity, row = null;
  for (let i = current + way; i >= 0 && i < spans.length; i += way) {
    const r = spans[i].getBoundingClientRect();
    if (Math.abs(r.top - from.top) < from.height / 2) continue;
    row ??= r.top;
    if (Math.abs(r.top - row) > from.height / 2) break;
    const far = Math.abs(r.left - from.left);
    if (far < near) { near = far; best = i; }
  }
  return best;
}

// Values of units in levels, from 0 at low to levels - 1 at high; -1 where a value is not known.
const valueOf = (field, level) => field.low + (level / (field.levels - 1)) * (field.high - field.low);
const digitsOf = (field) => {
  const step = (field.high - field.low) / (field.levels - 1);
  return step < 0.1 ? 2 : step < 1 ? 1 : 0;
};
const write = (field, level) => (level < 0 ? "–" : valueOf(field, level).toFixed(digitsOf(field)).replace("-", "−"));

// scaled returns the class of a level.
const scaled = (field, level) =>
  level < 0 ? "none" : field.low < 0 ? "d" + Math.round((level / (field.levels - 1)) * 32) : "q" + Math.round((level / (field.levels - 1)) * 15);

// marks writes numbers and words on a legend.
function marks(kind, low, high, words) {
  const box = document.getElementById("legend-" + kind);
  for (const mark of box.querySelectorAll("b")) {
    if (!mark.dataset.share) continue;
    const value = low + Number(mark.dataset.share) * (high - low);
    mark.textContent = String(Number(value.toPrecision(2))).replace("-", "−");
  }
  box.querySelector("p").textContent = words;
}

// Colours of classes, as canvases need them.
let colours = {};
matchMedia("(prefers-color-scheme:dark)").addEventListener("change", () => { colours = {}; });

function colourOf(name) {
  if (!(name in colours)) {
    const probe = make("span", name);
    probe.hidden = true;
    document.body.append(probe);
    const found = getComputedStyle(probe).backgroundColor;
    colours[name] = found === "rgba(0, 0, 0, 0)" ? getComputedStyle(document.querySelector(".text")).backgroundColor : found;
    probe.remove();
  }
  return colours[name];
}

const sharp = () => Math.ceil(window.devicePixelRatio || 1);
const ink = () => getComputedStyle(document.querySelector(".text")).color;

// drawCells draws a square of cells, one for each of count units: classOf gives the class of each, and chosen is framed. It
// returns a function from a place on the canvas to the unit there, -1 beyond the last.
function drawCells(canvas, count, classOf, chosen) {
  const columns = Math.max(8, Math.ceil(Math.sqrt(count))), cell = Math.max(3, Math.floor(288 / columns));
  const rows = Math.ceil(count / columns), k = sharp();
  canvas.width = columns * cell * k;
  canvas.height = rows * cell * k;
  canvas.style.width = columns * cell + "px";
  const c = canvas.getContext("2d");
  c.scale(k, k);
  for (let u = 0; u < count; u++) {
    const name = classOf(u), x = (u % columns) * cell, y = Math.floor(u / columns) * cell;
    c.fillStyle = colourOf(name);
    c.fillRect(x, y, cell - 1, cell - 1);
    if (cell > 8 && name[0] === "d" && Number(name.slice(1)) < 15) { // below 0, as in the text
      c.globalAlpha = 0.4;
      c.fillStyle = ink();
      c.fillRect(x, y, cell - 1, 2);
      c.globalAlpha = 1;
    }
  }
  if (chosen >= 0) {
    c.strokeStyle = ink();
    c.lineWidth = 2;
    c.strokeRect((chosen % columns) * cell, Math.floor(chosen / columns) * cell, cell - 1, cell - 1);
  }
  return (x, y) => {
    const u = Math.floor(y / cell) * columns + Math.floor(x / cell);
    return u >= 0 && u < count ? u : -1;
  };
}
