// Spans of the text where chosen units are on together.

// conditions reads a list of units; null if it is none.
function conditions(list) {
  const all = [];
  for (const word of list.split(/[\s,]+/).filter(Boolean)) {
    const found = /^([-−]?)(\d+):(\d+)$/.exec(word);
    const field = found && holder("layer " + found[2], "h", Number(found[3]));
    if (!field) return null;
    all.push({ field, unit: Number(found[3]), sign: found[1] ? -1 : 1 });
  }
  return all.length ? all : null;
}

let searches = 0;

// findSpans marks the spans of the units that are asked for, and lists the longest.
async function findSpans() {
  const mine = ++searches, above = Number(element("above").value), said = element("spans-found"), list = element("spans-list");
  const units = conditions(element("on").value);
  list.replaceChildren();
  together = null;
  if (!units) {
    said.textContent = element("on").value.trim() ? "Units are LAYER:UNIT, such as 1:0, of those that the file has." : "";
    paint(0, spans.length);
    return;
  }
  const on = new Uint8Array(spans.length).fill(1);
  let shown = spans.length;
  for (const u of units) {
    const at = reader(u.field, await contents(u.field), u.unit);
    if (mine !== searches) return;
    shown = Math.min(shown, u.field.shown);
    for (let i = 0; i < spans.length; i++) {
      const level = at(i);
      if (level < 0 || u.sign * valueOf(u.field, level) <= above) on[i] = 0;
    }
  }
  together = on;
  const found = [];
  let total = 0;
  for (let i = 0; i < spans.length; i++) {
    if (!on[i]) continue;
    total++;
    if (i > 0 && on[i - 1]) found[found.length - 1].length++;
    else found.push({ from: i, length: 1 });
  }
  found.sort((a, b) => b.length - a.length || a.from - b.from);
  const share = shown ? ((100 * total) / shown).toFixed(1) : "0";
  said.textContent = `${found.length.toLocaleString("en")} spans, ${share} % of ${shown.toLocaleString("en")} symbols. Underlined in the text; the longest first:`;
  for (const x of found.slice(0, 20)) {
    let words = "";
    for (let i = x.from; i < x.from + Math.min(x.length, 80); i++) words += drawn(data.names[columns.text[i]][0]).replace("␣", " ");
    const item = make("li"), button = make("button", "", `${x.length}  ${words}${x.length > 80 ? "…" : ""}`);
    button.type = "button";
    button.addEventListener("click", () => {
      kept = true;
      point(x.from);
      spans[x.from].scrollIntoView({ block: "center" });
      text.focus({ preventScroll: true });
    });
    item.append(button);
    list.append(item);
  }
  text.dataset.spans = String(found.length);
  paint(0, spans.length);
}

// offerSpans makes the search ready, if the file has states.
function offerSpans() {
  const box = element("spans");
  if (!box) return;
  box.hidden = false;
  element("on").value = data.on;
  element("above").value = String(data.threshold);
  element("search").addEventListener("submit", (e) => { e.preventDefault(); findSpans(); });
  if (data.on) {
    box.open = true;
    findSpans();
  }
}
