// Pictures: all units at a symbol, and all of the text beside it.

let colours = {}; // of classes

function colourOf(name) {
  if (!(name in colours)) {
    const probe = make("span", name);
    probe.hidden = true;
    document.body.append(probe);
    const found = getComputedStyle(probe).backgroundColor;
    colours[name] = found === "rgba(0, 0, 0, 0)" ? getComputedStyle(text).backgroundColor : found;
    probe.remove();
  }
  return colours[name];
}

const sharp = () => Math.ceil(window.devicePixelRatio || 1);

// unitMap draws all units of a field at one symbol, a cell for each.
function unitMap(field, bytes, i) {
  const columns = Math.max(8, Math.ceil(Math.sqrt(field.all))), cell = Math.max(3, Math.floor(288 / columns));
  const rows = Math.ceil(field.all / columns), k = sharp();
  const canvas = make("canvas");
  canvas.width = columns * cell * k;
  canvas.height = rows * cell * k;
  canvas.style.width = columns * cell + "px";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${field.all} units as cells of a square, coloured by ${field.quantity}`);
  const c = canvas.getContext("2d");
  c.scale(k, k);
  const at = (u) => reader(field, bytes, u)(i);
  for (let u = 0; u < field.all; u++) {
    const name = scaled(field, at(u)), x = (u % columns) * cell, y = Math.floor(u / columns) * cell;
    c.fillStyle = colourOf(name);
    c.fillRect(x, y, cell - 1, cell - 1);
    if (cell > 8 && name[0] === "d" && Number(name.slice(1)) < 15) { // below 0, as in the text
      c.globalAlpha = 0.4;
      c.fillStyle = getComputedStyle(text).color;
      c.fillRect(x, y, cell - 1, 2);
      c.globalAlpha = 1;
    }
  }
  if (chosen.group === field.group) {
    c.strokeStyle = getComputedStyle(text).color;
    c.lineWidth = 2;
    c.strokeRect((chosen.unit % columns) * cell, Math.floor(chosen.unit / columns) * cell, cell - 1, cell - 1);
  }
  const unitAt = (e) => {
    const u = Math.floor(e.offsetY / cell) * columns + Math.floor(e.offsetX / cell);
    return u < field.all ? u : -1;
  };
  canvas.addEventListener("mousemove", (e) => {
    const u = unitAt(e);
    canvas.title = u < 0 ? "" : `unit ${u}: ${write(field, at(u))}`;
  });
  canvas.addEventListener("click", (e) => {
    const u = unitAt(e);
    if (u >= 0) choose(field.group, field.quantity, u);
  });
  return canvas;
}

const overview = make("canvas");
overview.id = "overview";
overview.setAttribute("aria-hidden", "true");
const lines = Array.from(text.querySelectorAll("div"));

// drawOverview draws the whole text beside it, as small as it takes.
function drawOverview() {
  const height = text.clientHeight, k = sharp(), scale = height / text.scrollHeight, top = text.offsetTop;
  overview.style.height = height + "px";
  overview.width = 16 * k;
  overview.height = height * k;
  const c = overview.getContext("2d");
  c.scale(k, k);
  for (const line of lines) {
    const all = line.children, parts = Math.min(4, all.length);
    const y = (line.offsetTop - top) * scale, h = Math.max(1, line.offsetHeight * scale);
    for (let p = 0; p < parts; p++) { // the strongest of each quarter of a line
      let best = "", strength = -1;
      for (let n = Math.floor((p * all.length) / parts); n < Math.floor(((p + 1) * all.length) / parts); n++) {
        const name = all[n].className.split(" ")[0], level = Number(name.slice(1));
        const s = name === "none" ? 0 : name[0] === "d" ? Math.abs(level - 16) : level;
        if (s > strength) { strength = s; best = name; }
      }
      c.fillStyle = colourOf(best);
      c.fillRect(p * 4, y, 4, h);
    }
  }
  c.strokeStyle = getComputedStyle(text).color;
  c.strokeRect(0.5, text.scrollTop * scale + 0.5, 15, Math.max(4, height * scale - 1));
}

let due = false;
function drawSoon() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => { due = false; drawOverview(); });
}

// Guesses under each symbol, spelt out when a line comes near the window.

function spellOut(line) {
  for (const span of line.querySelectorAll("span")) {
    const own = data.names[columns.text[span.at]][0];
    for (const g of guesses(span.at)) {
      const p = 2 ** -g.bits;
      const made = make("i", p < 0.03 ? "p1" : p < 0.12 ? "p2" : p < 0.35 ? "p3" : "", drawn(g.name[0]));
      if (g.name[0] === own) made.classList.add("hit");
      span.append(made);
    }
  }
}

const watcher = new IntersectionObserver((entries) => {
  for (const e of entries) {
    if (!e.isIntersecting) continue;
    watcher.unobserve(e.target);
    spellOut(e.target);
  }
}, { root: text, rootMargin: "60%" });

function showUnder(on) {
  document.body.classList.toggle("under", on);
  if (on) lines.forEach((line) => { if (!line.spelt) { line.spelt = true; watcher.observe(line); } });
  drawSoon();
}
