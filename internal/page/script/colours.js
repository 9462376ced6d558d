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
  const units = chosen.group !== surprisal;
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

async function choose(group, quantity, unit) {
  Object.assign(chosen, { group, quantity, unit });
  settle();
  const mine = ++turn, field = holder(chosen.group, chosen.quantity, chosen.unit);
  const message = element("message");
  message.textContent = "";
  for (const button of document.querySelectorAll("button[data-unit]")) {
    const it = button.dataset;
    button.setAttribute("aria-pressed", String(it.group === chosen.group && it.quantity === chosen.quantity && Number(it.unit) === chosen.unit));
  }
  let level = (i) => "s" + levels[i];
  if (chosen.group !== surprisal) {
    if (!field) {
      message.textContent = `The file had no room for ${chosen.quantity} of this unit. elman inspect --unit puts it in.`;
      level = () => "none";
    } else {
      const at = reader(field, await contents(field), chosen.unit);
      if (mine !== turn) return;
      level = (i) => scaled(field, at(i));
      if (field.shown < spans.length) {
        message.textContent = `Of this the file has room for the first ${field.shown.toLocaleString("en")} symbols.`;
      }
    }
  }
  spans.forEach((span, i) => {
    const name = level(i) + kinds[i] + (i === current ? " at" : "");
    if (span.className !== name) span.className = name;
  });
  text.dataset.colouring = chosen.group === surprisal ? surprisal : [chosen.group, chosen.quantity, chosen.unit].join(":");
  legend(field);
  drawOverview();
  tell();
}

function legend(field) {
  const kind = chosen.group === surprisal ? "s" : field && field.low < 0 ? "d" : "q";
  for (const which of ["s", "q", "d"]) element("legend-" + which).hidden = which !== kind || (kind !== "s" && !field);
  if (kind === "s" || !field) return;
  for (const mark of element("legend-" + kind).querySelectorAll("b")) {
    const value = field.low + Number(mark.dataset.share) * (field.high - field.low);
    mark.textContent = String(Number(value.toPrecision(2))).replace("-", "−");
  }
  element("legend-" + kind).querySelector("p").textContent = [field.meaning || field.quantity, unitName(field, chosen.unit)].filter(Boolean).join(", ");
}
