// The checks of a model folder, in the order in which they are reported.
import { worst, worstStep } from './report.mjs';

/** @typedef {import('./types.ts').Check} Check */
/** @typedef {import('./types.ts').Chat} Chat */
/** @typedef {import('./types.ts').Which} Which */
/** @typedef {<K extends keyof Check>(name: K, ...args: Parameters<Check[K]>) => Promise<Awaited<ReturnType<Check[K]>>>} Caller */
/** @typedef {{ call: Caller, report: import('./report.mjs').Report, expected: import('./types.ts').Expected }} Run */

/** Nats. With the adapter on, the model amplifies rounding errors, because a random delta is not smooth. */
const TOLERANCE = { base: 1e-3, tuned: 5e-3 };
const PENALTIES = { frequency_penalty: 2, presence_penalty: 1, repetition_penalty: 1.3 };

/** @param {Run} run */
export async function checkModel(run) {
	const { call, report, expected } = run;
	const { seconds, id, vocabSize, loraMaxRank, quantization } = await call('load');
	report.add('load', id === expected.model, `${id} in ${seconds.toFixed(1)} s`);
	await call('chat', expected.long.turns, 4); // creates the pipelines and buffers of both kinds of prefill
	const base = await checkChats(run, 'base', 'base');
	const prefill = base.replies.map((reply) => reply.usage.prefill_tokens_per_s);
	const decode = base.replies.map((reply) => reply.usage.decode_tokens_per_s);
	report.say(`tokens/s: prefill ${range(prefill)}, decode ${range(decode)}`);
	await checkSecondTurn(run);
	await checkSampler(run, vocabSize);
	if (!expected.brief) {
		await checkSeeds(run);
		await checkLogits(run);
	}
	if (loraMaxRank === 0) return;
	await checkAdapter(run, base);
	if (expected.brief) return;
	if (quantization === 'q0f32') await checkMerge(run, base.logps);
	await checkWorker(run);
}

/** @param {number[]} values */
const range = (values) => {
	const known = values.filter((value) => value > 0); // an answer of one token has no decode
	return `${Math.min(...known).toFixed(0)}–${Math.max(...known).toFixed(0)}`;
};

/**
 * The first of the single prompts or, if `changed`, of those that the adapter answers differently.
 * @param {Run} run @param {boolean} [changed]
 */
function somePrompt({ expected }, changed = false) {
	const chat = expected.single.find(
		({ base, tuned }) => !changed || String(base.tokens) !== String(tuned.tokens),
	);
	if (chat === undefined)
		throw new Error('The expectations have no prompt that the adapter answers differently.');
	return { chat, prompt: chat.turns[0] ?? '' };
}

/**
 * Every chat of the expectations with the current adapter.
 * @param {Run} run
 * @param {Which} which
 * @param {string} label
 * @param {boolean} [few] only the first
 */
async function checkChats({ call, report, expected }, which, label, few = false) {
	const { single, long, second } = expected;
	const all = single.map((chat, i) => /** @type {[string, Chat]} */ ([`prompt ${i + 1}`, chat]));
	all.push(['long prompt', long]);
	// The answer of a random model is not what its ids would be encoded from.
	if (second !== null && second.encodedAtOnce !== false) all.push(['two turns at once', second]);
	const chats = few ? all.slice(0, 1) : all;
	const replies = [];
	for (const [title, chat] of chats) {
		const [name, want] = [`${label}, ${title}`, chat[which]];
		const reply = await call('chat', chat.turns, want.steps.length);
		report.same(`${name}, ids of the prompt`, reply.fed.slice(0, chat.prompt.length), chat.prompt);
		report.same(`${name}, greedy ids`, reply.tokens, want.tokens);
		report.close(`${name}, likeliest tokens`, worstStep(reply.steps, want.steps), TOLERANCE[which], which);
		report.add(`${name}, end`, (reply.finish === 'stop') === want.stopped, reply.finish);
		replies.push(reply);
	}
	const positions = long.everyPosition;
	if (positions === null || few) return { replies, logps: [] };
	const logps = await call('everyPosition', long.prompt, expected.prefillChunk);
	const error = worst(logps, positions[which]);
	report.close(`${label}, every position of ${long.prompt.length}`, error, TOLERANCE[which], which);
	return { replies, logps };
}

/**
 * A second turn on the cache of the first: no id is missing between the turns, and no id is fed twice.
 * @param {Run} run
 */
async function checkSecondTurn({ call, report, expected }) {
	if (expected.second === null) return;
	const { turns, prompt, base } = expected.second;
	const reply = await call('turnByTurn', turns, base.steps.length);
	report.add('turn by turn, first answer', reply.first === turns[1], JSON.stringify(reply.first));
	report.same('turn by turn, ids fed by both', reply.fed.slice(0, prompt.length), prompt);
	report.add('turn by turn, cache kept', reply.fed.length < 2 * prompt.length, `${reply.fed.length} ids fed`);
	report.same('turn by turn, greedy ids', reply.tokens, base.tokens);
	report.close('turn by turn, likeliest tokens', worstStep(reply.steps, base.steps), TOLERANCE.base, 'base');
}

/** The library's sampler against a sort. @param {Run} run @param {number} vocab */
async function checkSampler({ call, report }, vocab) {
	// Multiples of 2⁻²⁰ that sum to 1: exact in float32, so that both sides cut and draw at the same place.
	// Many are equal.
	const weights = Array.from({ length: vocab }, (_, i) => 1 + ((i * 7919) % 101) ** 2);
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	const [, ...rest] = weights.map((weight) => Math.floor((weight / total) * 2 ** 20) / 2 ** 20);
	const probs = [1 - rest.reduce((sum, p) => sum + p, 0), ...rest];
	/** @type {[number, number][]} */
	const draws = [0.05, 0.5, 0.9, 1].flatMap((topP) =>
		[0, 0.123, 0.5, 0.77, 0.99951].map((uniform) => /** @type {[number, number]} */ ([uniform, topP])),
	);
	const want = draws.map(([uniform, topP]) => drawOf(probs, Math.fround(uniform), Math.fround(topP)));
	report.same('top-p sampler', await call('sample', probs, draws), want);
}

/**
 * The token drawn by a stable sort, a cut at top_p and a cumulative sum by id.
 * @param {number[]} probs
 * @param {number} uniform
 * @param {number} topP
 */
function drawOf(probs, uniform, topP) {
	const tokens = probs.map((p, id) => ({ p, id })).sort((a, b) => b.p - a.p || a.id - b.id);
	let mass = 0;
	const kept = tokens.filter(({ p }) => mass < topP && (mass += p) > 0).sort((a, b) => a.id - b.id);
	let walked = 0;
	return (kept.find(({ p }) => (walked += p) > uniform * mass) ?? kept.at(-1))?.id ?? -1;
}

/** @param {Run} run */
async function checkSeeds(run) {
	const { prompt } = somePrompt(run);
	/** @param {number} seed */
	const ask = async (seed) =>
		(await run.call('answer', prompt, { temperature: 1.5, top_p: 0.95, seed, max_tokens: 16 })).tokens;
	run.report.same('the same seed again', await ask(5), await ask(5));
	const others = new Set();
	for (const seed of [6, 7, 8, 9]) others.add(String(await ask(seed)));
	run.report.add('other seeds', others.size > 1, `${others.size} different answers of 4`);
}

/** @param {Run} run */
async function checkLogits(run) {
	const { call, report } = run;
	const { prompt } = somePrompt(run);
	/** @param {object} options */
	const ask = (options) => call('answer', prompt, { temperature: 0, max_tokens: 12, ...options });
	const biased = await ask({ max_tokens: 3, logit_bias: { 77: 100 } });
	report.same('logit_bias', biased.tokens, [77, 77, 77]);
	const spread = await ask({ logit_bias: { 77: 30, 78: 29, 79: 28 }, ...PENALTIES });
	report.add('penalties', new Set(spread.tokens).size > 1, spread.tokens.join(' '));
	const schema = JSON.stringify({ type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] });
	const json = await ask({ max_tokens: 24, response_format: { type: 'json_object', schema } });
	report.add('json grammar', /^\s*\{\s*("a"?|$)/.test(json.text), JSON.stringify(json.text));
}

/**
 * On and off again.
 * @param {Run} run
 * @param {Awaited<ReturnType<typeof checkChats>>} base the earlier chats of the base
 */
async function checkAdapter(run, base) {
	const { call, report } = run;
	report.say(`adapter written in ${(await call('adapt', 1)).toFixed(1)} ms`);
	await checkChats(run, 'tuned', 'adapter on');
	await call('adapt', 0);
	const again = await checkChats(run, 'base', 'adapter off again', run.expected.brief);
	const steps = (/** @type {typeof base} */ { replies }, /** @type {number} */ count) =>
		JSON.stringify(replies.slice(0, count).map((reply) => reply.steps));
	const { length } = again.replies;
	const samePositions = again.logps.length === 0 || String(again.logps) === String(base.logps);
	const exact = samePositions && steps(again, length) === steps(base, length);
	report.add('off again is the base, bit for bit', exact, exact ? 'equal' : 'differs');
}

/** An adapter of any rank, merged into the weights in place. @param {Run} run @param {number[]} logps of the base */
async function checkMerge(run, logps) {
	const { call, report, expected } = run;
	report.say(`adapter merged in place in ${(await call('merge', true)).toFixed(0)} ms`);
	const { chat } = somePrompt(run);
	const merged = await call('chat', chat.turns, chat.tuned.steps.length);
	report.same('merged, greedy ids', merged.tokens, chat.tuned.tokens);
	report.close(
		'merged, likeliest tokens',
		worstStep(merged.steps, chat.tuned.steps),
		TOLERANCE.tuned,
		'tuned',
	);
	await call('merge', false);
	const restored = await call('everyPosition', expected.long.prompt, expected.prefillChunk);
	const exact = String(restored) === String(logps);
	report.add('weights restored, bit for bit', exact, exact ? 'equal' : 'differs');
}

/** @param {Run} run */
async function checkWorker(run) {
	const { chat, prompt } = somePrompt(run, true);
	const [off, on, again] = await run.call('worker', prompt, chat.base.steps.length);
	run.report.add('in a worker', off === again && off !== on, JSON.stringify([off, on, again]));
}
