// The symbol pointed at, and what is told of it.

let current = -1, kept = false;
let columns = null; // of the symbols, once unpacked

function point(i) {
  if (i === current) return;
  const last = current;
  spans[current]?.classList.remove("at");
  current = i;
  spans[current]?.classList.add("at");
  if (chosen.group === influence) repaint(last);
  tell();
}

function make(tag, className, content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}

const drawn = (shown) => ({ " ": "␣", "\n": "↵", "\t": "⇥" })[shown] ?? shown;
const percent = (bits) => {
  const p = 100 * 2 ** -bits;
  return p >= 10 ? p.toFixed(0) + " %" : p >= 0.1 ? p.toFixed(1) + " %" : p >= 0.001 ? p.toFixed(3) + " %" : "< 0.001 %";
};
const nameOf = ([shown, called]) => called || shown;

function guesses(i) {
  const found = [];
  for (let k = 0; k < data.top; k++) {
    const bits = columns.odds[i * data.top + k] / 100;
    if (bits < 655) found.push({ name: data.guesses[columns.guess[i * data.top + k]], bits });
  }
  return found;
}

// tell fills in the details. What takes unpacking follows when it is there.
function tell() {
  if (!columns || current < 0) return;
  const i = current, name = data.names[columns.text[i]], bits = columns.bits[i] / 1000;
  const head = make("h3");
  head.append(make("span", "glyph", drawn(name[0])), nameOf(name));
  const place = columns.rank ? `, rank ${columns.rank[i].toLocaleString("en")}` : "";
  const parts = [head, make("p", "", `${bits.toFixed(3)} bits, a chance of ${percent(bits)}${place}`),
    make("p", "hint", `symbol ${(i + 1).toLocaleString("en")} of ${spans.length.toLocaleString("en")}`)];
  const list = guesses(i);
  if (list.length) {
    const table = make("table"), body = make("tbody");
    const row = make("tr");
    row.append(make("th", "", "expected"), make("th", "number", "chance"), make("th"));
    body.append(row);
    for (const g of list) {
      const row = make("tr", g.name[0] === name[0] ? "hit" : ""), bar = make("td", "bar"), length = make("div");
      length.style.width = 100 * 2 ** -g.bits + "%";
      bar.append(length);
      const cell = make("td", "", drawn(g.name[0]));
      cell.title = nameOf(g.name);
      row.append(cell, make("td", "number", percent(g.bits)), bar);
      body.append(row);
    }
    table.append(body);
    parts.push(table);
  }
  const moved = influenceTable(i);
  if (moved) parts.push(moved);
  details.replaceChildren(...parts);
  if (canUnpack && data.fields.length) tellUnits(i);
}

let telling = 0;

async function tellUnits(i) {
  const mine = ++telling;
  const plain = plainly.includes(chosen.group);
  const group = plain ? groups[0] : chosen.group;
  const quantity = plain ? quantities(group)[0] : chosen.quantity;
  const parts = [];
  if (!plain) {
    const table = make("table"), body = make("tbody");
    for (const q of quantities(group)) {
      const field = holder(group, q, chosen.unit);
      if (!field) continue;
      const level = reader(field, await contents(field), chosen.unit)(i);
      const row = make("tr", q === quantity && field.all === 1 ? "hit" : "");
      row.append(make("td", "", q), make("td", "", field.all > 1 ? field.meaning : ""), make("td", "number", write(field, level)));
      body.append(row);
    }
    table.append(body);
    parts.push(make("h3", "", [group, unitName(of(group, quantity)[0], chosen.unit)].filter(Boolean).join(", ")), table);
  }
  const whole = of(group, quantity).find((f) => f.units.length === f.all);
  if (whole && whole.all > 1) {
    const bytes = await contents(whole);
    if (mine !== telling || i !== current) return;
    parts.push(make("p", "hint", `all units of ${group}, ${whole.meaning || quantity}`), unitMap(whole, bytes, i));
  }
  if (mine === telling && i === current) details.append(...parts);
}
