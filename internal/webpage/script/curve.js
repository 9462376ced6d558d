// The loss curve: how it falls past what n-grams reach, towards the entropy of the text.

function svg(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const mostDots = 400;

class Curve {
  constructor(box) {
    this.box = box;
    this.reset();
    new ResizeObserver(() => this.drawSoon()).observe(box);
  }

  reset() {
    Object.assign(this, { steps: 1, uniform: 4, losses: [], valid: [], grams: [], floor: null });
    this.drawSoon();
  }

  begin({ settings, uniform, floor }) {
    Object.assign(this, { steps: settings.steps, uniform, floor: floor?.nats ?? null });
    this.drawSoon();
  }

  // baselines keeps those n-grams that a reader can tell apart: the best, and the lower orders that are worse.
  baselines({ baselines, best }) {
    const top = baselines.find((b) => b.name === best);
    this.grams = baselines.filter((b) => b === top || (["unigram", "2-gram", "3-gram"].includes(b.name) && b.loss > (top?.loss ?? 0) + 0.02));
    this.drawSoon();
  }

  loss(step, loss) {
    this.losses.push([step, loss]);
    if (this.losses.length > 2 * mostDots) this.losses = this.losses.filter((_, i) => i % 2 === 0);
    this.drawSoon();
  }

  // validated returns the names of n-grams that this loss is the first to be below.
  validated(step, loss) {
    const before = Math.min(Infinity, ...this.valid.map(([, y]) => y));
    this.valid.push([step, loss]);
    this.drawSoon();
    return this.grams.filter((g) => loss < g.loss && before >= g.loss).map((g) => g.name);
  }

  drawSoon() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => { this.due = false; this.draw(); });
  }

  draw() {
    const width = Math.max(280, this.box.clientWidth), height = Math.round(Math.min(360, Math.max(240, width * 0.55)));
    const left = 34, right = 84, top = 10, bottom = 28;
    const seen = [...this.losses, ...this.valid].map(([, y]) => y), lowest = Math.min(this.floor ?? Infinity, ...this.grams.map((g) => g.loss), ...seen);
    const high = Math.min(this.uniform, Math.max(2, ...this.grams.map((g) => g.loss), ...this.valid.slice(0, 1).map(([, y]) => y)) * 1.08);
    const low = Number.isFinite(lowest) ? Math.max(0, lowest - 0.12 * (high - lowest)) : 0;
    const x = (step) => left + (step / this.steps) * (width - left - right);
    const y = (loss) => top + ((high - Math.min(high, loss)) / Math.max(1e-9, high - low)) * (height - top - bottom);
    const best = Math.min(Infinity, ...this.valid.map(([, loss]) => loss));
    const parts = [];
    const line = (name, x1, y1, x2, y2) => parts.push(svg("line", { class: name, x1, y1, x2, y2 }));
    const word = (name, wx, wy, anchor, text) => parts.push(svg("text", { class: name, x: wx, y: wy, "text-anchor": anchor }, text));
    const pace = [0.1, 0.2, 0.5, 1, 2].find((p) => (high - low) / p <= 6) ?? 5;
    for (let tick = Math.ceil(low / pace) * pace; tick <= high + 1e-9; tick += pace) {
      line("axis", left, y(tick), width - right, y(tick));
      word("", left - 6, y(tick) + 4, "end", tick.toFixed(pace < 1 ? 1 : 0));
    }
    word("", left, height - 8, "start", "0");
    word("", width - right, height - 8, "end", `${number(this.steps)} steps`);
    for (const [step, loss] of this.losses) parts.push(svg("circle", { class: "dot", cx: x(step), cy: y(loss), r: 1.6 }));
    // What the curve passes, with words at the side that do not lie on each other.
    const levels = this.grams.map((g) => ({ at: g.loss, name: g.name, kind: "gram", passed: best < g.loss }));
    if (this.floor !== null) levels.push({ at: this.floor, name: "entropy", kind: "floor", passed: false });
    levels.sort((a, b) => b.at - a.at);
    let free = top + 4;
    const room = levels.map((l) => (free = Math.max(free, y(l.at) + 4) + 14) - 14);
    for (let i = room.length - 1, most = height - bottom + 8; i >= 0; i--) most = (room[i] = Math.min(room[i], most)) - 14;
    levels.forEach((l, i) => {
      line(l.kind + (l.passed ? " passed" : ""), left, y(l.at), width - right, y(l.at));
      word(l.kind === "floor" ? "floor" : l.passed ? "passed" : "", width - right + 6, room[i], "start", (l.passed ? "✓ " : "") + l.name);
    });
    if (this.valid.length) {
      parts.push(svg("polyline", { class: "valid", points: this.valid.map(([step, loss]) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`).join(" ") }));
      const [step, loss] = this.valid.at(-1);
      parts.push(svg("circle", { class: "now", cx: x(step), cy: y(loss), r: 4 }));
    }
    const told = Number.isFinite(best) ? `lowest so far ${best.toFixed(3)}` : "nothing measured yet";
    this.box.replaceChildren(svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": `The loss over training steps, ${told}` + levels.map((l) => `; ${l.name} ${l.at.toFixed(3)}${l.passed ? ", passed" : ""}`).join("") }, ...parts));
  }
}
