// Pictures: all units at a symbol, and all of the text beside it.

// unitMap draws all units of a field at one symbol.
function unitMap(field, bytes, i) {
  const canvas = make("canvas"), at = (u) => reader(field, bytes, u)(i);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${field.all} units as cells of a square, coloured by ${field.quantity}`);
  const unitAt = drawCells(canvas, field.all, (u) => scaled(field, at(u)), chosen.group === field.group ? chosen.unit : -1);
  canvas.addEventListener("mousemove", (e) => {
    const u = unitAt(e.offsetX, e.offsetY);
    canvas.title = u < 0 ? "" : `unit ${u}: ${write(field, at(u))}`;
  });
  canvas.addEventListener("click", (e) => {
    const u = unitAt(e.offsetX, e.offsetY);
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
  c.strokeStyle = ink();
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
