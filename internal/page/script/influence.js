// How much earlier symbols moved the prediction of the one pointed at.

// influenceOn returns a function from a distance, 1 and more, to the influence of the symbol so far before i, from -1 to 1 of the
// largest; and that, in bits. It returns null where the file has none.
function influenceOn(i) {
  const its = data.influence;
  if (!its || !columns || i < 0 || i >= its.shown) return null;
  return { at: (k) => (k > its.span || k > i ? 0 : (columns.influence[(k - 1) * its.shown + i] - 127) / 127), most: columns.moved[i] / 1000 };
}

// influenceClass is the class of a symbol before the current one.
function influenceClass(i) {
  const back = current - i, on = back > 0 ? influenceOn(current) : null;
  return "d" + (16 + Math.round(16 * (on ? on.at(back) : 0)));
}

function influenceLegend() {
  const on = influenceOn(current);
  marks("d", -(on?.most ?? 0), on?.most ?? 0, on ? "bits: orange symbols made this one more likely, blue ones less" : "Point at a symbol to see which symbols before it moved its prediction.");
}

// repaint colours the symbols before the current one, and those before the last one no longer.
function repaint(last) {
  const span = data.influence.span;
  paint(last - span, last + 1);
  paint(current - span, current + 1);
  influenceLegend();
}

const signed = (x) => (x < 0 ? "−" : "+") + Math.abs(x).toFixed(Math.abs(x) < 0.1 ? 3 : 2);

// strongest returns the distances of the symbols that moved the prediction of symbol i most, with their influence in bits.
function strongest(i, most) {
  const on = influenceOn(i), all = [];
  if (!on) return all;
  for (let k = 1; k <= Math.min(i, data.influence.span); k++) all.push({ k, share: on.at(k), bits: on.at(k) * on.most });
  return all.filter((x) => x.share !== 0).sort((a, b) => Math.abs(b.share) - Math.abs(a.share)).slice(0, most);
}

// influenceTable tells of those of symbol i; null where nothing is known.
function influenceTable(i) {
  const list = strongest(i, 5);
  if (!list.length) return null;
  const table = make("table", "moved"), body = make("tbody"), head = make("tr");
  head.append(make("th", "", "moved by"), make("th", "number", "back"), make("th", "number", "bits"), make("th"));
  body.append(head);
  for (const x of list) {
    const name = data.names[columns.text[i - x.k]], row = make("tr"), bar = make("td", "bar"), length = make("div");
    const cell = make("td", "", drawn(name[0]));
    cell.title = nameOf(name);
    length.style.width = 100 * Math.abs(x.share) + "%";
    bar.append(length);
    row.append(cell, make("td", "number", String(x.k)), make("td", "number", signed(x.bits)), bar);
    body.append(row);
  }
  table.append(body);
  return table;
}
