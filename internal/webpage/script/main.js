// The page as a whole: its views, its models, what goes wrong.

const views = ["write", "score", "learn"];
let models = [];
const titles = {}; // of trainings, whose models have their names

const chosenModel = () => models.find((m) => m.id === element("model").value);

function problem(text) { element("problem").textContent = text; }

// show goes to a view.
function show(view, focus) {
  for (const v of views) {
    const on = v === view;
    element("view-" + v).hidden = !on;
    element("tab-" + v).setAttribute("aria-selected", String(on));
    element("tab-" + v).tabIndex = on ? 0 : -1;
  }
  if (focus) element("tab-" + view).focus();
  element("legends").hidden = false;
  inside.look(view === "write" ? writer.text : view === "score" ? scorer.text : null, chosenModel()?.id ?? "");
  if (readLink(location.hash).view !== view) history.replaceState(null, "", "#" + view);
}

function modelChanged() {
  const model = chosenModel();
  element("model-label").hidden = models.length === 0;
  element("model-about").textContent = model ? `${model.about}; ${number(model.symbols)} ${model.kind === "chars" ? "characters" : model.kind}${model.documents === "whole" ? "" : `, each ${model.documents} by itself`}; weights ${model.hash.slice(0, 12)}…` : "There is no model yet. Watch one learn, and write with it.";
  for (const id of ["write-go", "write-more"]) element(id).disabled = !model;
  element("score").querySelector("button").disabled = !model;
  inside.model = model?.id ?? "";
  inside.fields = [];
  element("inside").hidden = !inside.text || !model;
  writer.buttons();
  inside.refresh();
}

// listModels asks which models there are, and chooses one.
async function listModels(choose) {
  const about = await backend.about();
  models = about.models ?? [];
  for (const t of about.training?.running ?? []) titles[t.id] = t.title;
  refill(element("model"), models.map((m) => m.id), models.map((m) => (titles[m.id] ? `${m.id}, ${titles[m.id]}` : m.id)));
  if (choose && models.some((m) => m.id === choose)) element("model").value = choose;
  modelChanged();
  return about;
}

async function load(file) {
  if (!file) return;
  problem("");
  try {
    const url = await new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(file);
    });
    for await (const record of backend.ask("load", { name: file.name, base64: url.slice(url.indexOf(",") + 1) })) await listModels(record.model?.id ?? record.model);
  } catch (error) {
    problem(error.message);
  }
}

async function open() {
  const { view, settings } = readLink(location.hash);
  writer.begin();
  scorer.begin();
  inside.begin();
  for (const v of views) {
    element("tab-" + v).addEventListener("click", () => show(v));
    element("tab-" + v).addEventListener("keydown", (e) => {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
      const open = views.filter((name) => !element("tab-" + name).hidden);
      if (way) show(open[(open.indexOf(v) + way + open.length) % open.length], true);
      else if (e.key === "Home") show(open[0], true);
      else if (e.key === "End") show(open.at(-1), true);
    });
  }
  element("model").addEventListener("change", () => { writer.control?.abort(); modelChanged(); });
  element("load-label").hidden = !backend.opens;
  element("load").addEventListener("change", (e) => load(e.target.files[0]));
  let begun = false;
  const begin = async () => {
    try {
      const about = await listModels();
      problem("");
      element("key").hidden = true;
      element("tab-learn").hidden = !about.training;
      if (about.training && !begun) { begun = true; learner.begin(about.training, settings); }
      show(views.includes(view) && !element("tab-" + view).hidden ? view : models.length || !about.training ? "write" : "learn");
    } catch (error) {
      problem(error.message);
      show("write");
    }
    document.body.dataset.ready = "yes";
  };
  document.addEventListener("key-wanted", () => { element("key").hidden = false; });
  if (backend.opens === false) element("key").addEventListener("submit", (e) => { e.preventDefault(); apiKey = element("key-value").value; begin(); });
  addEventListener("hashchange", () => {
    const to = readLink(location.hash);
    if (!views.includes(to.view) || element("tab-" + to.view).hidden) return;
    if (to.view === "learn" && Object.keys(to.settings).length) { learner.wanted = to.settings; learner.fill(to.settings); learner.source(); }
    show(to.view);
  });
  await begin();
}
open();
