// The backend that speaks to elman serve: see messages.md.

let apiKey = "";

// fetched sends a request and returns the answer, or throws its one line of text. A key that is wanted and missing is asked for.
async function fetched(method, path, body, signal) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  if (apiKey) headers.Authorization = "Bearer " + apiKey;
  let answer;
  try {
    answer = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer. Is it still running?");
  }
  if (answer.ok) return answer;
  const text = await answer.text();
  let said = `${answer.status} ${answer.statusText}`;
  try { said = JSON.parse(text).error.message ?? said; } catch { /* not in JSON */ }
  const failed = new Error(said);
  failed.status = answer.status;
  if (answer.status === 401) document.dispatchEvent(new Event("key-wanted"));
  throw failed;
}

const asked = async (method, path, body, signal) => (await fetched(method, path, body, signal)).json();

// events yields the server-sent events of an answer, each from JSON. Whoever stops listening ends the request.
async function* events(method, path, body, signal) {
  const control = new AbortController(), give = () => control.abort();
  signal?.addEventListener("abort", give);
  try {
    if (signal?.aborted) return;
    const answer = await fetched(method, path, body, control.signal);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const all = (rest + value).split("\n\n");
      rest = all.pop();
      for (const event of all) {
        const data = event.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trim()).join("");
        if (data === "[DONE]") return;
        if (!data) continue;
        const record = JSON.parse(data);
        if (record.error) throw new Error(record.error.message);
        yield record;
      }
    }
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  } finally {
    signal?.removeEventListener("abort", give);
    control.abort();
  }
}

// A token of OpenAI's API is a symbol; one of bytes that are no text is written as bytes:\xc3.
function ofToken(token, logprob) {
  const bits = -logprob / Math.LN2, hex = /^bytes:((?:\\x[0-9a-f]{2})+)$/.exec(token);
  return hex ? { text: "\ufffd", hex: hex[1].replaceAll("\\x", ""), bits } : { text: token, bits, escape: token === "\ufffd" };
}

async function* writing(r, signal) {
  const body = { model: r.model, prompt: r.prompt, max_tokens: r.length, temperature: r.temperature, top_k: r.top_k, top_p: r.top_p || 1, seed: r.seed, logprobs: r.top, stream: true };
  for await (const event of events("POST", "v1/completions", body, signal)) {
    const its = event.choices?.[0]?.logprobs;
    for (let i = 0; i < (its?.tokens.length ?? 0); i++) {
      const top = Object.entries(its.top_logprobs?.[i] ?? {}).map(([token, logprob]) => ofToken(token, logprob));
      yield { ...ofToken(its.tokens[i], its.token_logprobs[i]), top: top.sort((a, b) => a.bits - b.bits).slice(0, r.top) };
    }
  }
}

async function* scoring(r, signal) {
  for await (const event of events("POST", "score", { model: r.model, text: r.text, top: r.top, per: "symbol", stream: true }, signal)) {
    yield* event.symbols ?? [];
    if (event.sum) yield { sum: event.sum };
  }
}

async function about() {
  const models = (await asked("GET", "v1/models")).data ?? [];
  let training;
  try { training = await asked("GET", "trainings"); } catch (error) { if (error.status !== 404) throw error; }
  return { models, training };
}

const backend = {
  opens: false, // model files
  about,
  stop: (id) => fetched("DELETE", "trainings/" + encodeURIComponent(id)),
  // ask yields the records that answer a request.
  async *ask(what, request, signal) {
    const id = encodeURIComponent(request.id ?? request.model ?? "");
    switch (what) {
      case "write": return yield* writing(request, signal);
      case "score": return yield* scoring(request, signal);
      case "next": case "units": return yield asked("POST", what, request, signal);
      case "train": return yield* events("GET", `trainings/${(await asked("POST", "trainings", request)).id}/events`, undefined, signal);
      case "watch": return yield* events("GET", `trainings/${id}/events`, undefined, signal);
      case "save": return yield asked("POST", `trainings/${id}/save`, { name: request.name }, signal);
    }
    throw new Error("a server cannot " + what);
  },
};
