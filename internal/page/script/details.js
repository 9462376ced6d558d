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
  const place = columns.rank ? `, rank ${columns.rank[i].toLocaleString("en")}` : "";
  const parts = [glyphHead(name), make("p", "", `${bits.toFixed(3)} bits, a chance of ${percent(bits)}${place}`),
    make("p", "hint", `symbol ${(i + 1).toLocaleString("en")} of ${spans.length.toLocaleString("en")}`)];
  const list = guesses(i);
  if (list.length) {
    parts.push(guessTable(list.map((g) => ({ ...g, hit: g.name[0] === name[0] }))));
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
