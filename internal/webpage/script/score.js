// Scoring a text: which symbols did the model not expect?

const mostScored = 20000; // symbols that are drawn

const scorer = {
  text: null,
  control: null,

  begin() {
    this.text = new SymbolText(element("score-reading"), "The text", "Point at a symbol, or walk there with the arrow keys, to see what the model expected in its place.",
      { take: (i, guess) => this.branch(i, guess), from: (i) => this.branch(i + 1) });
    element("score").addEventListener("submit", (e) => { e.preventDefault(); this.go(); });
    element("score-stop").addEventListener("click", () => this.control?.abort());
  },

  // branch lets the model write on from a place in the text.
  branch(i, guess) {
    const symbols = this.text.symbols.slice(0, i).map((s) => ({ ...s, given: true }));
    if (guess) symbols.push({ ...guess, top: this.text.symbols[i].top, chosen: true });
    show("write");
    writer.fill(symbols);
    element("write-reading").querySelector(".text").focus();
  },

  async go() {
    this.control?.abort();
    problem("");
    const control = (this.control = new AbortController()), model = chosenModel(), text = element("score-text").value;
    if (!model || !text) return;
    element("score-stop").disabled = false;
    element("score-sum").textContent = "";
    this.text.high = scaleFor(model);
    this.text.set([]);
    try {
      let symbols = 0;
      for await (const s of backend.ask("score", { model: model.id, text, top: topGuesses }, control.signal)) {
        if (s.sum) this.sum(s.sum);
        else if (symbols++ < mostScored) this.text.add(s);
        if (symbols % 500 === 0) await new Promise((resolve) => setTimeout(resolve));
      }
    } catch (error) {
      if (!control.signal.aborted) problem(error.message);
    }
    if (this.control !== control) return;
    element("score-stop").disabled = true;
    inside.refresh();
  },

  sum(sum) {
    const perSymbol = sum.symbols ? sum.bits / sum.symbols : 0;
    const said = `${sum.bits_per_char.toFixed(4)} bits per character, ${number(Math.round(sum.bits))} bits in all; perplexity ${(2 ** perSymbol).toFixed(2)} of ${number(sum.symbols)} symbols`;
    element("score-sum").textContent = said + (sum.symbols > mostScored ? `, of which the first ${number(mostScored)} are shown` : "");
    say(said);
  },
};
