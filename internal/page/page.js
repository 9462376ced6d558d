"use strict";
// Colours the text, and tells about the symbol pointed at. Nothing here makes HTML of strings.
(() => {
  const element = (id) => document.getElementById(id);
  const data = JSON.parse(element("data").textContent);
  const text = element("text"), details = element("details");
  const spans = Array.from(text.querySelectorAll("span"));
  const surprisal = "surprisal"; // the first choice of what to colour by
  // What a class of a symbol says: its level of bits, and what kind of symbol it is.
  const levels = new Uint8Array(spans.length), kinds = new Array(spans.length);
  spans.forEach((span, i) => {
    const [level, kind] = span.className.split(" ");
    span.at = i;
    levels[i] = Number(level.slice(1));
    kinds[i] = kind ? " " + kind : "";
  });

  // --- unpacking ---

  const canUnpack = typeof DecompressionStream === "function";

  async function unpack(id) {
    const packed = atob(element(id).textContent);
    const bytes = new Uint8Array(packed.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = packed.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Response(stream).arrayBuffer();
  }

  async function column(c) {
    const bytes = await unpack(c.id);
    return c.width === 1 ? new Uint8Array(bytes) : c.width === 2 ? new Uint16Array(bytes) : new Uint32Array(bytes);
  }

  // contents returns a field's values, each once unpacked.
  function contents(field) {
    field.contents ??= unpack(field.id).then((bytes) => new Uint8Array(bytes));
    return field.contents;
  }

  // reader returns a function from a symbol's number to the level of a unit, -1 beyond what the file has.
  function reader(field, bytes, unit) {
    const place = field.units.indexOf(unit);
    if (field.levels > 16) return (i) => (i < field.shown ? bytes[place * field.shown + i] : -1);
    const row = (field.shown + 1) >> 1;
    return (i) => (i < field.shown ? (bytes[place * row + (i >> 1)] >> (4 * (i & 1))) & 15 : -1);
  }

  const valueOf = (field, level) => field.low + (level / (field.levels - 1)) * (field.high - field.low);
  const digitsOf = (field) => {
    const step = (field.high - field.low) / (field.levels - 1);
    return step < 0.1 ? 2 : step < 1 ? 1 : 0;
  };
  const write = (field, level) => (level < 0 ? "–" : valueOf(field, level).toFixed(digitsOf(field)).replace("-", "−"));

  // scaled returns the class of a level.
  const scaled = (field, level) =>
    level < 0 ? "none" : field.low < 0 ? "d" + Math.round((level / (field.levels - 1)) * 32) : "q" + Math.round((level / (field.levels - 1)) * 15);

  // --- what to colour by ---

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
  const unitName = (field, unit) => (field.names ? field.names[unit] : field.all > 1 ? `${field.noun || "unit"} ${unit}` : "");

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
    element("unit-label").hidden = element("named-label").hidden = true;
    if (!units) return;
    const field = of(chosen.group, chosen.quantity)[0];
    chosen.unit = Math.min(Math.max(0, Math.round(chosen.unit) || 0), field.all - 1);
    const noun = field.noun || "unit", title = noun[0].toUpperCase() + noun.slice(1);
    if (field.names) {
      element("named-label").hidden = false;
      element("named-noun").textContent = title;
      options(element("named"), field.names.map((_, i) => String(i)), field.names);
      element("named").value = String(chosen.unit);
    } else if (field.all > 1) {
      element("unit-label").hidden = false;
      element("unit-noun").textContent = title;
      element("unit").max = String(field.all - 1);
      element("unit").value = String(chosen.unit);
    }
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

  // --- the symbol pointed at ---

  let current = -1, kept = false;
  let columns = null; // of the symbols, once unpacked

  function point(i) {
    if (i === current) return;
    spans[current]?.classList.remove("at");
    current = i;
    spans[current]?.classList.add("at");
    tell();
  }

  function make(tag, className, content) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (content !== undefined) made.textContent = content;
    return made;
  }

  const drawn = (shown) => ({ " ": "␣", "\n": "↵", "\t": "⇥" })[shown] ?? shown;
  const percent = (bits) => {
    const p = 100 * 2 ** -bits;
    return p >= 10 ? p.toFixed(0) + " %" : p >= 0.1 ? p.toFixed(1) + " %" : p >= 0.001 ? p.toFixed(3) + " %" : "< 0.001 %";
  };
  const nameOf = ([shown, called]) => called || shown;

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
    const head = make("h3");
    head.append(make("span", "glyph", drawn(name[0])), nameOf(name));
    const parts = [head, make("p", "", `${bits.toFixed(3)} bits, a chance of ${percent(bits)}`),
      make("p", "hint", `symbol ${(i + 1).toLocaleString("en")} of ${spans.length.toLocaleString("en")}`)];
    const list = guesses(i);
    if (list.length) {
      const table = make("table"), body = make("tbody");
      const row = make("tr");
      row.append(make("th", "", "expected"), make("th", "number", "chance"), make("th"));
      body.append(row);
      for (const g of list) {
        const row = make("tr", g.name[0] === name[0] ? "hit" : ""), bar = make("td", "bar"), length = make("div");
        length.style.width = 100 * 2 ** -g.bits + "%";
        bar.append(length);
        const cell = make("td", "", drawn(g.name[0]));
        cell.title = nameOf(g.name);
        row.append(cell, make("td", "number", percent(g.bits)), bar);
        body.append(row);
      }
      table.append(body);
      parts.push(table);
    }
    details.replaceChildren(...parts);
    if (canUnpack && data.fields.length) tellUnits(i);
  }

  let telling = 0;

  async function tellUnits(i) {
    const mine = ++telling;
    const group = chosen.group === surprisal ? groups[0] : chosen.group;
    const quantity = chosen.group === surprisal ? quantities(group)[0] : chosen.quantity;
    const parts = [];
    if (chosen.group !== surprisal) {
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

  // --- pictures ---

  let colours = {}; // of classes

  function colourOf(name) {
    if (!(name in colours)) {
      const probe = make("span", name);
      probe.hidden = true;
      document.body.append(probe);
      const found = getComputedStyle(probe).backgroundColor;
      colours[name] = found === "rgba(0, 0, 0, 0)" ? getComputedStyle(text).backgroundColor : found;
      probe.remove();
    }
    return colours[name];
  }

  const sharp = () => Math.ceil(window.devicePixelRatio || 1);

  // unitMap draws all units of a field at one symbol, a cell for each.
  function unitMap(field, bytes, i) {
    const columns = Math.max(8, Math.ceil(Math.sqrt(field.all))), cell = Math.max(3, Math.floor(288 / columns));
    const rows = Math.ceil(field.all / columns), k = sharp();
    const canvas = make("canvas");
    canvas.width = columns * cell * k;
    canvas.height = rows * cell * k;
    canvas.style.width = columns * cell + "px";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${field.all} units as cells of a square, coloured by ${field.quantity}`);
    const c = canvas.getContext("2d");
    c.scale(k, k);
    const at = (u) => reader(field, bytes, u)(i);
    for (let u = 0; u < field.all; u++) {
      c.fillStyle = colourOf(scaled(field, at(u)));
      c.fillRect((u % columns) * cell, Math.floor(u / columns) * cell, cell - 1, cell - 1);
    }
    if (chosen.group === field.group) {
      c.strokeStyle = getComputedStyle(text).color;
      c.lineWidth = 2;
      c.strokeRect((chosen.unit % columns) * cell, Math.floor(chosen.unit / columns) * cell, cell - 1, cell - 1);
    }
    const unitAt = (e) => {
      const u = Math.floor(e.offsetY / cell) * columns + Math.floor(e.offsetX / cell);
      return u < field.all ? u : -1;
    };
    canvas.addEventListener("mousemove", (e) => {
      const u = unitAt(e);
      canvas.title = u < 0 ? "" : `unit ${u}: ${write(field, at(u))}`;
    });
    canvas.addEventListener("click", (e) => {
      const u = unitAt(e);
      if (u >= 0) choose(field.group, field.quantity, u);
    });
    return canvas;
  }

  const overview = make("canvas");
  overview.id = "overview";
  overview.setAttribute("aria-hidden", "true");
  const lines = Array.from(text.querySelectorAll("div"));

  // drawOverview draws the whole text beside it, as small as it takes.
  function drawOverview() {
    const height = text.clientHeight, k = sharp(), scale = height / text.scrollHeight, top = text.offsetTop;
    overview.style.height = height + "px";
    overview.width = 16 * k;
    overview.height = height * k;
    const c = overview.getContext("2d");
    c.scale(k, k);
    for (const line of lines) {
      const all = line.children, parts = Math.min(4, all.length);
      const y = (line.offsetTop - top) * scale, h = Math.max(1, line.offsetHeight * scale);
      for (let p = 0; p < parts; p++) { // the strongest of each quarter of a line
        let best = "", strength = -1;
        for (let n = Math.floor((p * all.length) / parts); n < Math.floor(((p + 1) * all.length) / parts); n++) {
          const name = all[n].className.split(" ")[0], level = Number(name.slice(1));
          const s = name === "none" ? 0 : name[0] === "d" ? Math.abs(level - 16) : level;
          if (s > strength) { strength = s; best = name; }
        }
        c.fillStyle = colourOf(best);
        c.fillRect(p * 4, y, 4, h);
      }
    }
    c.strokeStyle = getComputedStyle(text).color;
    c.strokeRect(0.5, text.scrollTop * scale + 0.5, 15, Math.max(4, height * scale - 1));
  }

  let due = false;
  function drawSoon() {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; drawOverview(); });
  }

  // --- guesses under each symbol ---

  function spellOut(line) {
    for (const span of line.querySelectorAll("span")) {
      const own = data.names[columns.text[span.at]][0];
      for (const g of guesses(span.at)) {
        const p = 2 ** -g.bits;
        const made = make("i", p < 0.03 ? "p1" : p < 0.12 ? "p2" : p < 0.35 ? "p3" : "", drawn(g.name[0]));
        if (g.name[0] === own) made.classList.add("hit");
        span.append(made);
      }
    }
  }

  const watcher = new IntersectionObserver((entries) => {
    for (const e of entries) {
      if (!e.isIntersecting) continue;
      watcher.unobserve(e.target);
      spellOut(e.target);
    }
  }, { root: text, rootMargin: "60%" });

  function showUnder(on) {
    document.body.classList.toggle("under", on);
    if (on) lines.forEach((line) => { if (!line.spelt) { line.spelt = true; watcher.observe(line); } });
    drawSoon();
  }

  // --- events: one listener for all symbols ---

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
      ArrowLeft: () => current - 1, ArrowRight: () => current + 1, ArrowUp: () => above(-1), ArrowDown: () => above(1),
      Home: () => spans[current].parentNode.querySelector("span").at,
      End: () => Array.from(spans[current].parentNode.querySelectorAll("span")).pop().at,
    }[e.key];
    if (e.key === "Escape") kept = false;
    if (!to || current < 0) return;
    e.preventDefault();
    kept = true;
    point(Math.min(Math.max(0, to()), spans.length - 1));
    spans[current].scrollIntoView({ block: "nearest" });
    if (columns) element("spoken").textContent = `${nameOf(data.names[columns.text[current]])}, ${(columns.bits[current] / 1000).toFixed(1)} bits`;
  });

  // above returns the symbol above or below the current one.
  function above(way) {
    const from = spans[current].getBoundingClientRect();
    let best = current, near = Infinity, row = null;
    for (let i = current + way; i >= 0 && i < spans.length; i += way) {
      const r = spans[i].getBoundingClientRect();
      if (Math.abs(r.top - from.top) < from.height / 2) continue;
      row ??= r.top;
      if (Math.abs(r.top - row) > from.height / 2) break;
      const far = Math.abs(r.left - from.left);
      if (far < near) { near = far; best = i; }
    }
    return best;
  }

  element("group").addEventListener("change", (e) => choose(e.target.value, chosen.quantity, chosen.unit));
  element("quantity").addEventListener("change", (e) => choose(chosen.group, e.target.value, chosen.unit));
  element("unit").addEventListener("input", (e) => { if (e.target.value !== "") choose(chosen.group, chosen.quantity, Number(e.target.value)); });
  element("named").addEventListener("change", (e) => choose(chosen.group, chosen.quantity, Number(e.target.value)));
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
  matchMedia("(prefers-color-scheme:dark)").addEventListener("change", () => { colours = {}; drawSoon(); tell(); });

  // --- at first ---

  async function begin() {
    text.after(overview);
    drawSoon();
    if (!canUnpack) {
      element("message").textContent = "This browser cannot unpack guesses and units (it lacks DecompressionStream). The text is coloured by surprisal.";
      document.body.dataset.ready = "yes";
      return;
    }
    element("controls").hidden = false;
    element("under-label").hidden = data.top === 0;
    options(element("group"), [surprisal, ...groups], [surprisal, ...groups]);
    element("group").parentNode.hidden = groups.length === 0;
    settle();
    const [words, bits, guess, odds] = await Promise.all([column(data.text), column(data.bits), column(data.guess), column(data.odds)]);
    columns = { text: words, bits, guess, odds };
    document.body.dataset.ready = "yes";
    tell();
  }
  begin();
})();
