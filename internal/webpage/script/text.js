// A text, a symbol at a time: coloured, pointed at, walked through by keys.

class SymbolText {
  // box gets the text and its details. take(i, guess) is called when a guess is taken in place of symbol i, and from(i) when
  // somebody wants to write on after it.
  constructor(box, label, hint, { take, from }) {
    this.box = make("div", "text");
    this.box.tabIndex = 0;
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", label + ", a symbol at a time: arrow keys go from one to the next, Enter writes on from there, a digit takes a guess");
    this.details = make("aside", "details");
    this.details.setAttribute("aria-label", "The symbol pointed at");
    this.hint = hint;
    this.take = take;
    this.from = from;
    this.pen = make("span", "pen");
    this.pen.setAttribute("aria-hidden", "true");
    this.high = 10;
    this.classOf = null; // of a symbol's number, where it is not coloured by surprisal
    this.pointed = () => {};
    box.replaceChildren(this.box, this.details);
    this.set([]);
    const at = (e) => { const span = e.target.closest?.("span"); return span && "at" in span ? span.at : -1; };
    this.box.addEventListener("mouseover", (e) => { const i = at(e); if (!this.kept && i >= 0) this.point(i); });
    this.box.addEventListener("click", (e) => {
      const i = at(e);
      if (i < 0) return;
      this.kept = !(this.kept && i === this.current);
      this.point(i);
    });
    this.box.addEventListener("focus", () => { if (this.current < 0 && this.spans.length && this.box.matches(":focus-visible")) this.point(0); });
    this.box.addEventListener("keydown", (e) => this.key(e));
  }

  set(symbols) {
    this.symbols = [];
    this.spans = [];
    this.line = null;
    this.current = -1;
    this.kept = false;
    this.box.replaceChildren();
    for (const s of symbols) this.add(s);
    this.tell();
  }

  add(symbol) {
    const i = this.symbols.push(symbol) - 1, [shown] = nameFor(symbol), span = make("span");
    span.at = i;
    if (shown !== "\n") span.textContent = shown;
    this.spans.push(span);
    this.paint(i);
    if (!this.line) {
      this.line = make("div");
      this.box.append(this.line);
    }
    this.line.append(span);
    if (shown === "\n") this.line = null;
  }

  // writing shows where the next symbol comes, as long as it does.
  writing(on) {
    if (!on) return this.pen.remove();
    if (!this.line) {
      this.line = make("div");
      this.box.append(this.line);
    }
    this.line.append(this.pen);
  }

  paint(i) {
    const s = this.symbols[i], kind = s.text === "\n" ? " n" : nameFor(s)[0].startsWith("⟨") ? " o" : "";
    const name = (this.classOf?.(i) ?? surpriseClass(s.bits, this.high)) + kind + (s.given ? " given" : "") + (s.chosen ? " chosen" : "") + (i === this.current ? " at" : "");
    if (this.spans[i].className !== name) this.spans[i].className = name;
  }

  paintAll() { for (let i = 0; i < this.spans.length; i++) this.paint(i); }

  point(i) {
    if (i === this.current) return;
    const last = this.current;
    this.current = i;
    if (this.spans[last]) this.paint(last);
    if (this.spans[i]) this.paint(i);
    this.tell();
    this.pointed(i);
  }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || !this.spans.length) return;
    const i = this.current, line = i >= 0 ? this.spans[i].parentNode : null;
    const to = {
      ArrowLeft: () => i - 1, ArrowRight: () => i + 1, ArrowUp: () => nearest(this.spans, i, -1), ArrowDown: () => nearest(this.spans, i, 1),
      Home: () => line.querySelector("span").at, End: () => Array.from(line.querySelectorAll("span:not(.pen)")).pop().at,
    }[e.key];
    if (to) {
      e.preventDefault();
      this.kept = true;
      this.point(i < 0 ? 0 : Math.min(Math.max(0, to()), this.spans.length - 1));
      this.spans[this.current].scrollIntoView({ block: "nearest" });
      const s = this.symbols[this.current];
      return say(`${nameOf(nameFor(s))}, ${s.bits.toFixed(1)} bits`);
    }
    if (i < 0) return;
    const guess = /^[1-9]$/.test(e.key) ? this.symbols[i].top?.[Number(e.key) - 1] : null;
    if (e.key === "Escape") this.kept = false;
    else if (e.key === "Enter") this.from(i);
    else if (guess && !guess.escape) this.take(i, guess);
    else return;
    e.preventDefault();
  }

  // tell fills in the details.
  tell() {
    const i = this.current, s = this.symbols[i];
    if (!s) return this.details.replaceChildren(make("p", "hint", this.hint));
    const parts = [glyphHead(nameFor(s)), make("p", "", `${s.bits.toFixed(3)} bits, a chance of ${percent(s.bits)}`),
      make("p", "hint", `symbol ${number(i + 1)} of ${number(this.symbols.length)}`)];
    const list = (s.top ?? []).map((g) => ({ ...g, name: nameFor(g), hit: sameSymbol(g, s) }));
    if (list.length) parts.push(guessTable(list, (g) => { if (!g.escape) this.take(i, g); }));
    const acts = make("p", "acts"), on = make("button", "", "Write on from here");
    on.type = "button";
    on.addEventListener("click", () => this.from(i));
    acts.append(on);
    parts.push(acts);
    this.details.replaceChildren(...parts);
  }
}
