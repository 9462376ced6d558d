// What to colour the text by.

const chosen = { group: surprisal, quantity: "", unit: 0 };
const groups = [...new Set(data.fields.map((f) => f.group))];
const of = (group, quantity) => data.fields.filter((f) => f.group === group && f.quantity === quantity);
const quantities = (group) => [...new Set(data.fields.filter((f) => f.group === group).map((f) => f.quantity))];

// holder returns the field that has most of a unit.
function holder(group, quantity, unit) {
  const all = of(group, quantity).filter((f) => f.units.includes(unit));
  return all.sort((a, b) => b.shown - a.shown)[0];
}

// unitName returns what a unit is called beside its quantity, nothing where there is but one.
const unitName = (field, unit) => (field.all > 1 ? `unit ${unit}` : "");

function options(select, names, labels) {
  select.replaceChildren(...names.map((name, i) => new Option(labels[i], name)));
}

// settle makes the controls show what is chosen, and the choice one that can be made.
function settle() {
  element("group").value = chosen.group;
  const units = !plainly.includes(chosen.group);
  const names = quantities(chosen.group);
  if (!names.includes(chosen.quantity)) chosen.quantity = names[0] ?? "";
  const label = (q) => { const f = of(chosen.group, q)[0]; return f.meaning ? q + " · " + f.meaning : q; };
  options(element("quantity"), names, names.map(label));
  element("quantity").value = chosen.quantity;
  element("quantity-label").hidden = names.length < 2;
  element("unit-label").hidden = true;
  if (!units) return;
  const field = of(chosen.group, chosen.quantity)[0];
  chosen.unit = Math.min(Math.max(0, Math.round(chosen.unit) || 0), field.all - 1);
  element("unit-label").hidden = field.all < 2;
  element("unit").max = String(field.all - 1);
  element("unit").value = String(chosen.unit);
}

let turn = 0; // of the colouring: one that was overtaken gives up
let levelOf = (i) => "s" + levels[i]; // the class of a symbol
let together = null; // [n] 1 where the units of the search are on, once there is one

// paint gives symbols their classes.
function paint(from, to) {
  for (let i = Math.max(0, from); i < Math.min(to, spans.length); i++) {
    const name = levelOf(i) + kinds[i] + (together?.[i] ? " on" : "") + (i === current ? " at" : "");
    if (spans[i].className !== name) spans[i].className = name;
  }
}

const ranked = (r) => "r" + (r <= 1 ? 0 : r <= 10 ? 1 : r <= 100 ? 2 : 3);

async function choose(group, quantity, unit) {
  Object.assign(chosen, { group, quantity, unit });
  settle();
  const mine = ++turn, plain = plainly.includes(chosen.group);
  const field = plain ? undefined : holder(chosen.group, chosen.quantity, chosen.unit);
  const message = element("message");
  message.textContent = "";
  for (const button of document.querySelectorAll("button[data-unit]")) {
    const it = button.dataset;
    button.setAttribute("aria-pressed", String(it.group === chosen.group && it.quantity === chosen.quantity && Number(it.unit) === chosen.unit));
  }
  let level = (i) => "s" + levels[i], shown = spans.length;
  if (chosen.group === rank) {
    level = (i) => ranked(columns.rank[i]);
  } else if (chosen.group === influence) {
    level = influenceClass;
    shown = data.influence.shown;
  } else if (!plain && !field) {
    message.textContent = `The file had no room for ${chosen.quantity} of this unit. elman inspect --unit puts it in.`;
    level = () => "none";
  } else if (field) {
    const at = reader(field, await contents(field), chosen.unit);
    if (mine !== turn) return;
    level = (i) => scaled(field, at(i));
    shown = field.shown;
  }
  if (shown < spans.length) message.textContent = `Of this the file has the first ${shown.toLocaleString("en")} symbols.`;
  levelOf = level;
  paint(0, spans.length);
  text.dataset.colouring = plain ? chosen.group : [chosen.group, chosen.quantity, chosen.unit].join(":");
  legend(field);
  drawOverview();
  tell();
}

function legend(field) {
  const kind = { [surprisal]: "s", [rank]: "r", [influence]: "d" }[chosen.group] ?? (field && field.low < 0 ? "d" : "q");
  const plain = plainly.includes(chosen.group);
  for (const which of ["s", "r", "q", "d"]) element("legend-" + which).hidden = which !== kind || (!plain && !field);
  if (chosen.group === influence) influenceLegend();
  if (plain || !field) return;
  marks(kind, field.low, field.high, [field.meaning || field.quantity, unitName(field, chosen.unit)].filter(Boolean).join(", "));
}
