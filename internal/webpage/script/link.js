// The part of the address after the #: which view, and the settings of a training, so that a link holds them.

const linked = ["language", "size", "cell", "hidden", "layers", "steps", "seed", "report_every", "documents"];

// readLink returns the view of an address and its settings.
function readLink(hash) {
  const [view, query] = hash.replace(/^#/, "").split("?");
  const settings = {};
  for (const [name, value] of new URLSearchParams(query ?? "")) if (linked.includes(name) && value.length < 60) settings[name] = value;
  return { view, settings };
}

function writeLink(settings) {
  const query = new URLSearchParams();
  for (const name of linked) if (settings[name] !== undefined && settings[name] !== "") query.set(name, settings[name]);
  return "#learn?" + query;
}
