// Writing with a model, and branching from what it wrote.

const topGuesses = 8, mostUndo = 50;

const writer = {
  text: null,
  undo: [],
  control: null,

  begin() {
    this.text = new SymbolText(element("write-reading"), "What the model writes", "Point at a symbol, or walk there with the arrow keys, to see what else the model expected. Take one of its guesses, and it writes on from there.",
      { take: (i, guess) => this.branch(i, guess), from: (i) => this.branch(i + 1) });
    const temperature = element("temperature");
    temperature.addEventListener("input", () => { element("temperature-value").textContent = Number(temperature.value).toFixed(2); });
    element("write").addEventListener("submit", (e) => { e.preventDefault(); this.start(); });
    element("write-stop").addEventListener("click", () => this.control?.abort());
    element("write-more").addEventListener("click", () => this.go(this.text.symbols));
    element("write-undo").addEventListener("click", () => {
      this.control?.abort();
      this.show(this.undo.pop());
    });
    element("prompt").addEventListener("keydown", (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) this.start(); });
  },

  show(symbols) {
    this.text.set(symbols);
    this.buttons();
    inside.refresh();
  },

  buttons() {
    const busy = this.control !== null;
    element("write-go").disabled = !chosenModel();
    element("write-stop").disabled = !busy;
    element("write-more").disabled = busy || !this.text.symbols.length;
    element("write-undo").disabled = !this.undo.length;
  },

  keep() {
    if (!this.text.symbols.length) return;
    this.undo.push(this.text.symbols.slice());
    if (this.undo.length > mostUndo) this.undo.shift();
  },

  // start writes after what is to begin with.
  async start() {
    const prompt = element("prompt").value, control = this.take();
    let given = [];
    this.keep();
    try {
      if (prompt) given = await scored(prompt, control.signal);
    } catch (error) {
      return this.failed(error, control);
    }
    if (control.signal.aborted) return this.end(control);
    this.go(given.map((s) => ({ ...s, given: true })), control);
  },

  // branch cuts the text before symbol i, puts a guess there if there is one, and writes on.
  branch(i, guess) {
    const control = this.take(), symbols = this.text.symbols, top = symbols[i]?.top, walking = document.activeElement === this.text.box;
    this.keep();
    this.go([...symbols.slice(0, i), ...(guess ? [{ ...guess, top, chosen: true }] : [])], control);
    if (!walking) return;
    this.text.point(guess ? i : i - 1); // keys go on from there, wherever the mouse lies
    this.text.kept = true;
  },

  // fill shows a text that was written or scored elsewhere, to write on from.
  fill(symbols) {
    const control = this.take();
    this.keep();
    this.go(symbols, control);
  },

  // take ends what is under way and returns what ends what follows.
  take() {
    this.control?.abort();
    problem("");
    return (this.control = new AbortController());
  },

  seed() {
    const seed = Number(element("seed").value) || 0;
    if (!element("keep-seed").checked) element("seed").value = (seed + 1) % 2 ** 32;
    return seed;
  },

  // go writes on after symbols: they are drawn as fast as somebody wants to read.
  async go(symbols, control = this.take()) {
    const model = chosenModel();
    if (!model) return this.end(control);
    this.text.high = scaleFor(model);
    this.text.set(symbols);
    this.text.writing(true);
    this.buttons();
    const request = { model: model.id, prompt: textOf(symbols), length: Math.min(2000, Math.max(1, Number(element("length").value) || 300)), temperature: Number(element("temperature").value),
      top_k: Number(element("top-k").value) || 0, top_p: Number(element("top-p").value) || 1, seed: this.seed(), top: topGuesses };
    inside.refresh();
    try {
      const written = [];
      let done = false;
      const read = (async () => {
        try { for await (const s of backend.ask("write", request, control.signal)) written.push(s); } finally { done = true; }
      })();
      read.catch(() => {});
      let owed = 0, last = performance.now(), told = 0, asked = false;
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 16));
        if (control.signal.aborted) break;
        const now = performance.now(), pace = Number(element("pace").value);
        owed = pace && !calm.matches ? owed + ((now - last) / 1000) * pace : Infinity;
        last = now;
        if (done && !asked) { // the units of what is still to be shown too, so that they move with it
          asked = true;
          inside.refresh([...this.text.symbols, ...written]);
        }
        const n = Math.min(written.length, Math.floor(owed));
        if (n) {
          const below = this.text.box.scrollHeight - this.text.box.scrollTop - this.text.box.clientHeight < 60;
          for (const s of written.splice(0, n)) this.text.add(s);
          this.text.writing(true);
          if (below) this.text.box.scrollTop = this.text.box.scrollHeight;
          owed -= n;
          if (now - told > 60 && this.text.current < 0) { told = now; inside.draw(); }
        } else owed = Math.min(owed, 1);
        if (done && !written.length) break;
      }
      await read;
      if (!control.signal.aborted) say(`${number(this.text.symbols.length - symbols.length)} symbols were written`);
    } catch (error) {
      return this.failed(error, control);
    }
    this.end(control);
  },

  failed(error, control) {
    if (this.control === control && !control.signal.aborted) problem(error.message);
    this.end(control);
  },

  end(control) {
    if (this.control !== control) return;
    this.control = null;
    this.text.writing(false);
    this.buttons();
    inside.refresh();
  },
};

// scored returns the symbols of a text as the model reads it.
async function scored(text, signal) {
  const symbols = [];
  for await (const s of backend.ask("score", { model: chosenModel()?.id, text, top: topGuesses }, signal)) if (!s.sum) symbols.push(s);
  return symbols;
}
