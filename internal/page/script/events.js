// Events, with one listener for all symbols, and what happens first.

const symbolAt = (e) => {
  const span = e.target.closest?.("span");
  return span && text.contains(span) ? span.at : -1;
};
text.addEventListener("mouseover", (e) => { const i = symbolAt(e); if (!kept && i >= 0) point(i); });
text.addEventListener("click", (e) => {
  const i = symbolAt(e);
  if (i < 0) return;
  kept = !(kept && i === current);
  point(i);
});
text.addEventListener("focus", () => { if (current < 0 && spans.length) point(0); });
text.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  const to = {
    ArrowLeft: () => current - 1, ArrowRight: () => current + 1, ArrowUp: () => nearest(spans, current, -1), ArrowDown: () => nearest(spans, current, 1),
    Home: () => spans[current].parentNode.querySelector("span").at,
    End: () => Array.from(spans[current].parentNode.querySelectorAll("span")).pop().at,
  }[e.key];
  if (e.key === "Escape") kept = false;
  if (!to || current < 0) return;
  e.preventDefault();
  kept = true;
  point(Math.min(Math.max(0, to()), spans.length - 1));
  spans[current].scrollIntoView({ block: "nearest" });
  if (columns) element("spoken").textContent = spokenOf(current);
});

// spokenOf is what a screen reader says of a symbol.
function spokenOf(i) {
  const said = [nameOf(data.names[columns.text[i]]), `${(columns.bits[i] / 1000).toFixed(1)} bits`];
  if (chosen.group === rank) said.push(`rank ${columns.rank[i]}`);
  const [first] = chosen.group === influence ? strongest(i, 1) : [];
  if (first) said.push(`most moved by ${nameOf(data.names[columns.text[i - first.k]])}, ${first.k} back, ${signed(first.bits)} bits`);
  return said.join(", ");
}

element("group").addEventListener("change", (e) => choose(e.target.value, chosen.quantity, chosen.unit));
element("quantity").addEventListener("change", (e) => choose(chosen.group, e.target.value, chosen.unit));
element("unit").addEventListener("input", (e) => { if (e.target.value !== "") choose(chosen.group, chosen.quantity, Number(e.target.value)); });
element("under").addEventListener("change", (e) => showUnder(e.target.checked));
element("controls").addEventListener("submit", (e) => e.preventDefault());
document.addEventListener("click", (e) => {
  const button = e.target.closest?.("button[data-unit]");
  if (!button) return;
  choose(button.dataset.group, button.dataset.quantity, Number(button.dataset.unit));
  element("reading").scrollIntoView();
});
text.addEventListener("scroll", drawSoon);
overview.addEventListener("click", (e) => {
  text.scrollTop = (e.offsetY / overview.clientHeight) * text.scrollHeight - text.clientHeight / 2;
});
new ResizeObserver(drawSoon).observe(text);
matchMedia("(prefers-color-scheme:dark)").addEventListener("change", () => { drawSoon(); tell(); });

async function begin() {
  text.after(overview);
  drawSoon();
  if (!canUnpack) {
    element("message").textContent = "This browser cannot unpack guesses and units (it lacks DecompressionStream). The text is coloured by surprisal.";
    document.body.dataset.ready = "yes";
    return;
  }
  const its = data.influence;
  const [words, bits, guess, odds, ranks, moves, moved] = await Promise.all([column(data.text), column(data.bits), column(data.guess), column(data.odds),
    data.rank && column(data.rank), its && unpack(its.id), its && column(its.scale)]);
  columns = { text: words, bits, guess, odds, rank: ranks, influence: its && new Uint8Array(moves), moved };
  element("controls").hidden = false;
  element("under-label").hidden = data.top === 0;
  const choices = [...plainly, ...groups];
  options(element("group"), choices, choices);
  element("group").parentNode.hidden = choices.length < 2;
  settle();
  document.body.dataset.ready = "yes";
  tell();
  offerSpans();
}
begin();
