// The backend that speaks to a worker beside the page: see messages.md.

const worker = new Worker("worker.mjs", { type: "module" });
const waiting = new Map(); // requests by their numbers
let requests = 0, trainingRequest = 0, broken = "";

const ready = new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => {
    if (data.ready) return resolve(data.ready);
    if (data.warning) return problem(data.warning);
    if (data.failed) return fail(data.failed);
    waiting.get(data.id)?.(data);
  };
  worker.onerror = (e) => fail(e.message || "the worker did not start");
  // Nothing comes from a worker that has ended: who waits is told.
  function fail(text) {
    broken = text;
    reject(new Error(text));
    for (const tell of [...waiting.values()]) tell({ error: text });
  }
});

// answers yields the records that answer a request. Whoever stops listening ends it.
async function* answers(what, request, signal) {
  await ready;
  if (broken) throw new Error(broken);
  const id = ++requests, queue = [];
  let wake = () => {};
  waiting.set(id, (message) => { queue.push(message); wake(); });
  const give = () => { queue.push({ done: true }); wake(); };
  signal?.addEventListener("abort", give);
  if (what === "train") trainingRequest = id;
  worker.postMessage({ ...request, id, do: what });
  let ended = false;
  try {
    for (;;) {
      if (signal?.aborted) return;
      const message = queue.shift();
      if (!message) {
        await new Promise((resolve) => { wake = resolve; });
        continue;
      }
      if (message.records) yield* message.records;
      ended ||= "error" in message || (message.done ?? false);
      if ("error" in message) throw new Error(message.error);
      if (message.done) return;
    }
  } finally {
    waiting.delete(id);
    signal?.removeEventListener("abort", give);
    if (!ended || signal?.aborted) worker.postMessage({ do: "stop", of: id });
  }
}

const backend = {
  opens: true, // model files
  async about() {
    for await (const record of answers("about", {})) return record;
  },
  stop: async () => worker.postMessage({ do: "stop", of: trainingRequest }),
  ask: answers,
};
