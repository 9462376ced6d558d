// node openai.mjs ADDRESS: OpenAI's library against elman serve with a model named play, which lets a client have 32 texts at a time.
// It writes JSON: the two texts that it got, and what is not as it should be.
import { deepStrictEqual as same } from "node:assert";
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.argv[2] + "/v1", apiKey: "none", maxRetries: 0 });
const faults = [];

async function check(name, what) {
	try {
		await what();
	} catch (e) {
		faults.push(`${name}: ${e.stack}`);
	}
}

// fails checks the type of an error and what it tells.
async function fails(what, type, status, param, code) {
	let error;
	try {
		await what();
	} catch (e) {
		error = e;
	}
	same([error?.constructor, error?.status, error?.param, error?.code], [type, status, param, code]);
	same(typeof error.message, "string");
	same(error.requestID, error.headers.get("x-request-id"));
	return error;
}

await check("models", async () => {
	const names = [];
	for await (const m of client.models.list()) names.push(m.id);
	same(names, ["play"]);
	const m = await client.models.retrieve("play");
	same([m.id, m.object, m.owned_by], ["play", "model", "elman"]);
});

const ask = { model: "play", prompt: "ROMEO:\nThe", max_tokens: 60, temperature: 0.8, seed: 7, n: 2, echo: true, logprobs: 3 };
const whole = await client.completions.create(ask);

await check("logprobs", () => {
	for (const { text, logprobs: l } of whole.choices) {
		same([l.tokens, l.token_logprobs, l.top_logprobs, l.text_offset].map((list) => list.length), [70, 70, 70, 70]);
		same(l.tokens.join(""), text);
		l.tokens.forEach((token, i) => same([l.top_logprobs[i][token], l.text_offset[i]], [l.token_logprobs[i], i]));
	}
	same(whole.usage, { prompt_tokens: 10, completion_tokens: 120, total_tokens: 130 });
});

await check("stream", async () => {
	const parts = whole.choices.map((c) => ({ text: "", index: c.index, logprobs: { tokens: [], token_logprobs: [], top_logprobs: [], text_offset: [] }, finish_reason: null }));
	let usage = null;
	for await (const e of await client.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } })) {
		for (const c of e.choices) {
			const part = parts[c.index];
			part.text += c.text;
			part.finish_reason = c.finish_reason;
			for (const list in c.logprobs) part.logprobs[list].push(...c.logprobs[list]);
		}
		usage = e.usage ?? usage;
	}
	same(parts, whole.choices);
	same(usage, whole.usage);
});

await check("prompts", async () => {
	for (const prompt of [[0, 30, 31], [[0, 30, 31]]]) {
		const l = (await client.completions.create({ ...ask, prompt, n: 1, max_tokens: 0 })).choices[0].logprobs;
		same([l.tokens.length, l.token_logprobs[0], l.top_logprobs[0], l.top_logprobs.length], [3, null, {}, 3]);
	}
	const two = await client.completions.create({ ...ask, prompt: ["ROMEO", "JULIET"], n: 1, max_tokens: 0 });
	same(two.choices.map((c) => c.text), ["ROMEO", "JULIET"]);
});

await check("errors", async () => {
	await fails(() => client.models.retrieve("nonesuch"), OpenAI.NotFoundError, 404, "model", "model_not_found");
	await fails(() => client.chat.completions.create({ model: "play", messages: [{ role: "user", content: "hello" }] }), OpenAI.NotFoundError, 404, null, "unknown_url");
	await fails(() => client.completions.create({ ...ask, temperature: -1 }), OpenAI.BadRequestError, 400, "temperature", null);
	await fails(() => client.completions.create({ ...ask, best_of: 3, stream: true }), OpenAI.BadRequestError, 400, "best_of", null);
});

await check("too much, and given up", async () => {
	const abort = new AbortController();
	const long = await client.completions.create({ ...ask, n: 32, max_tokens: 65000, echo: false, logprobs: null, stream: true }, { signal: abort.signal });
	let events = 0;
	for await (const _ of long) {
		if (++events === 40) {
			const e = await fails(() => client.completions.create(ask), OpenAI.RateLimitError, 429, null, "rate_limit_exceeded");
			same(e.headers.get("retry-after"), "1");
			abort.abort();
		}
	}
	if (events > 10000) throw new Error(`${events} events came`);
});

console.log(JSON.stringify({ texts: whole.choices.map((c) => c.text), faults }));
