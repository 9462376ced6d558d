// Watching a network learn.

const learner = {
  training: null, // what can be trained
  control: null,
  id: "",
  model: "",
  reports: [],
  shown: -1, // the report in view; the last one, as long as nobody looks back
  wanted: {}, // of the link that was opened

  begin(training, wanted) {
    this.training = training;
    this.wanted = wanted;
    this.curve = new Curve(element("curve"));
    refill(element("language"), training.languages.map((l) => l.name), training.languages.map((l) => l.name));
    refill(element("cell"), training.cells, training.cells);
    element("cell").value = training.cells.includes("lstm") ? "lstm" : training.cells[0];
    for (const [id, most] of [["hidden", training.hidden], ["layers", training.layers], ["size", training.text], ["seconds", training.seconds]])
      for (const option of Array.from(element(id).options)) if (Number(option.value) > most) option.remove();
    element("save-label").hidden = element("save-go").hidden = !training.save;
    for (const name of ["names", "play"]) if (training.languages.some((l) => l.name === name) && !wanted.language) { element("language").value = name; break; }
    this.fill(wanted);
    this.source();
    for (const radio of document.querySelectorAll("input[name=source]")) radio.addEventListener("change", () => this.source());
    element("language").addEventListener("change", () => this.source());
    element("learn").addEventListener("submit", (e) => { e.preventDefault(); this.start(); });
    element("learn-stop").addEventListener("click", () => this.stop());
    element("learn-file").addEventListener("change", (e) => this.read(e.target.files[0]));
    element("history").addEventListener("input", (e) => { const i = Number(e.target.value); this.shown = i === this.reports.length - 1 ? -1 : i; this.draw(); });
    element("save").addEventListener("submit", (e) => { e.preventDefault(); this.save(); });
    element("learn-write").addEventListener("click", () => this.write());
    matchMedia("(prefers-color-scheme:dark)").addEventListener("change", () => this.draw());
    const under = training.running?.findLast((t) => t.running);
    if (under) this.follow(backend.ask("watch", { id: under.id }, this.take().signal), under.title);
  },

  // fill sets the form to the settings of a link.
  fill(wanted) {
    for (const [name, id] of [["language", "language"], ["size", "size"], ["cell", "cell"], ["hidden", "hidden"], ["layers", "layers"], ["seed", "learn-seed"]]) {
      if (!(name in wanted)) continue;
      const input = element(id);
      if (input.options && !Array.from(input.options).some((o) => o.value === wanted[name]) && /^[a-z0-9-]+$/.test(wanted[name])) input.add(new Option(wanted[name]));
      input.value = wanted[name];
    }
    const steps = Number(wanted.steps) || 0;
    element("steps").value = steps;
    element("steps-label").hidden = !steps;
    element("seconds").closest("label").hidden = steps > 0;
  },

  source() {
    const own = document.querySelector("input[name=source]:checked").value === "text";
    element("from-language").hidden = own;
    element("from-text").hidden = !own;
    const language = this.training.languages.find((l) => l.name === element("language").value);
    if (language) element("language-doc").textContent = `${language.doc} (entropy ${language.exact ? "" : "at most "}${language.nats.toFixed(3)} nats per character)`;
  },

  async read(file) {
    if (!file) return;
    if (file.size > this.training.text) return problem(`The file has ${number(file.size)} bytes; at most ${number(this.training.text)} can be learned here.`);
    element("learn-text").value = await file.text();
  },

  request() {
    const own = document.querySelector("input[name=source]:checked").value === "text", steps = Number(element("steps").value) || 0;
    const settings = { cell: element("cell").value, hidden: Number(element("hidden").value), layers: Number(element("layers").value),
      seconds: steps ? 0 : Number(element("seconds").value), steps, seed: Number(element("learn-seed").value) || 0,
      report_every: steps ? Number(this.wanted.report_every) || 0 : 0, symbols: "chars", documents: "whole" };
    if (!own) {
      const language = element("language").value;
      settings.documents = this.wanted.documents ?? (language === "names" ? "line" : "whole");
      return { language, size: Number(element("size").value), title: language, settings };
    }
    settings.documents = element("lines").checked ? "line" : "whole";
    return { text: element("learn-text").value, title: "your text", settings };
  },

  take() {
    this.control?.abort();
    return (this.control = new AbortController());
  },

  start() {
    const request = this.request();
    problem("");
    if ("text" in request && !request.text) return problem("Paste a text to learn first.");
    this.follow(backend.ask("train", request, this.take().signal), request.title);
  },

  async stop() {
    element("learn-stop").disabled = true;
    this.status("Stopping …");
    try { await backend.stop(this.id); } catch (error) { problem(error.message); }
  },

  // follow shows the events of a training.
  async follow(events, title) {
    const control = this.control;
    Object.assign(this, { id: "", model: "", reports: [], shown: -1 });
    this.curve.reset();
    for (const id of ["learned", "history-label"]) element(id).hidden = true;
    element("learning").hidden = false;
    element("hash").textContent = "when it has learned";
    element("saved").textContent = "";
    element("fresh").replaceChildren(make("span", "empty", "…"));
    element("learn-go").disabled = true;
    this.status(`Reading ${title} and timing a few steps …`);
    try {
      for await (const event of events) {
        if (control.signal.aborted) return;
        await kinds[event.kind]?.call(this, event);
      }
      if (!this.model && !control.signal.aborted) throw new Error("The training ended early.");
    } catch (error) {
      problem(error.message);
      this.status("Nothing was learned.");
    }
    element("learn-go").disabled = false;
    element("learn-stop").disabled = true;
  },

  status(text) { element("learn-status").textContent = text; },

  // Events, by their kinds.

  started(event) {
    this.id = event.id;
    this.title = event.title;
    titles[event.id] = event.title;
    this.curve.begin(event);
    element("learn-stop").disabled = false;
    element("command").textContent = event.command;
    const s = event.settings, known = event.command.includes("--language ");
    element("link-line").hidden = !known;
    if (known) element("link").href = writeLink({ ...s, language: event.title, size: / --size (\d+)/.exec(event.command)?.[1] });
    this.status(`${event.about} learns ${number(event.learn)} symbols, ${event.alphabet}; counting n-grams …`);
    say(`${event.about} begins to learn`);
  },

  baselines(event) { this.curve.baselines(event); },

  progress(event) {
    this.curve.loss(event.step, event.loss);
    const left = event.step ? ((event.steps - event.step) * event.seconds) / event.step : 0;
    this.status(`Step ${number(event.step)} of ${number(event.steps)}, ${event.loss.toFixed(3)} nats per symbol; ${left >= 1 ? `about ${number(Math.ceil(left))} s to go` : "nearly there"}`);
  },

  report(event) {
    this.reports.push({ step: event.step, sample: event.sample ?? [], field: event.units ? fieldOf(event.units, event.units.quantities[0]) : null });
    const passed = event.valid === undefined ? [] : this.curve.validated(event.step, event.valid);
    if (passed.length) say(`It has passed the ${passed.join(" and the ")}`);
    this.status(`Step ${number(event.step)} of ${number(event.steps)}, ${(event.valid ?? event.loss).toFixed(3)} nats per symbol; ${number(Math.round(event.symbols_per_second))} symbols a second`);
    const range = element("history"), last = this.reports.length - 1;
    element("history-label").hidden = last < 1;
    range.max = last;
    if (this.shown < 0) range.value = last;
    this.draw();
  },

  async ended(event) {
    this.model = event.model;
    await listModels(event.model);
    element("hash").textContent = event.hash;
    element("verdict").textContent = (event.stopped ? "Stopped early: " : "") + (event.verdict || `${event.loss.toFixed(3)} nats per symbol of what it learned.`);
    element("learned").hidden = false;
    element("save-name").value = (this.title || "model").replaceAll(/[^A-Za-z0-9._-]+/g, "-");
    this.status(`It has learned for ${Math.round(event.seconds)} s, ${number(event.step)} training steps.`);
    say("The training has ended. " + event.verdict);
  },

  // draw shows the report in view: its sample, and what the units did.
  draw() {
    const r = this.reports[this.shown < 0 ? this.reports.length - 1 : this.shown];
    if (!r) return;
    element("fresh-title").textContent = this.shown < 0 ? "What it writes now" : `What it wrote after step ${number(r.step)}`;
    element("history").setAttribute("aria-valuetext", `after step ${r.step}`);
    const box = element("fresh");
    let line = make("div");
    box.replaceChildren(line);
    for (const s of r.sample) {
      const [shown] = nameFor(s), span = make("span", surpriseClass(s.bits, 10) + (shown === "\n" ? " n" : ""), shown === "\n" ? "" : shown);
      line.append(span);
      if (shown === "\n") box.append((line = make("div")));
    }
    if (r.field) drawFilm(element("fresh-units"), r.field, 0, r.field.symbols, -1);
  },

  write() {
    if (!this.model) return;
    element("model").value = this.model;
    modelChanged();
    show("write");
    writer.start();
  },

  async save() {
    const name = element("save-name").value;
    element("saved").textContent = "";
    try {
      for await (const record of backend.ask("save", { model: this.model, name })) {
        if (record.base64) download(record.file, record.base64);
        element("saved").textContent = `saved as ${record.saved ?? record.file}`;
      }
    } catch (error) {
      problem(error.message);
    }
  },
};

const kinds = { start: learner.started, baselines: learner.baselines, progress: learner.progress, report: learner.report, end: learner.ended };

// download hands a file to whoever looks at the page.
function download(name, base64) {
  const raw = atob(base64), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([bytes]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
