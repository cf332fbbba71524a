/**
 * The page of the check: puts the functions that scripts/check-model.mjs calls on `window`. The app's own
 * code reads the model's files and the adapter, and writes the adapter into the running engine.
 */
import { MLCEngine, type ChatCompletionMessageParam } from '@mlc-ai/web-llm';
import type { Adapter } from '#core/adapter/adapter.ts';
import { PEFT_CONFIG_FILE, PEFT_WEIGHTS_FILE, readPeftAdapter } from '#core/adapter/peft.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import type { Message } from '#core/output/output.ts';
import { MANIFEST, ownLibrary, readManifest } from '#runtime/models/manifest.ts';
import { prepareForWebLlm } from '#runtime/models/webLlmFiles.ts';
import { AdapterSlot } from '#runtime/webllm/adapterSlot.ts';
import { generatedIds, observeFedIds } from '#runtime/webllm/privateApi.ts';
import { WebLlmTargetModel } from '#runtime/webllm/targetModel.ts';
import { complete, everyPosition, pipelineOf, sample, type Completion } from './engine.ts';
import type { Check, Loaded, Reply } from './types.ts';

const TOP = 5;
/**
 * WebLLM computes log-probabilities after the temperature, hence 1; so small a top_p keeps only the likeliest
 * token.
 */
const GREEDY_WITH_LOGPS = { temperature: 1, top_p: 1e-5, logprobs: true, top_logprobs: TOP };
const GREEDY = { temperature: 0 };
const never = new AbortController().signal;

let engine: MLCEngine;
let source: ModelSource;
let config: ModelConfig;
let adapter: Adapter;
/** Writes adapters up to the compiled rank beside the weights. */
let beside: AdapterSlot;
/** Merges every adapter into the weights, because no rank is within its limit. */
let merged: AdapterSlot;

async function bytesOf(address: string): Promise<Uint8Array<ArrayBuffer>> {
	const reply = await fetch(address);
	if (!reply.ok) throw new Error(`${address} answered ${reply.status}.`);
	return new Uint8Array(await reply.arrayBuffer());
}

/** @param turns alternate user, assistant, …, user */
const messagesOf = (turns: readonly string[]): (ChatCompletionMessageParam & Message)[] =>
	turns.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));

/** Answers, with the ids that the model was fed meanwhile and the ids of the last answer. */
async function observed(work: () => Promise<Completion>): Promise<Reply> {
	let reply: Completion | undefined;
	const fed = await observeFedIds(engine, source.id, async () => {
		reply = await work();
	});
	if (reply === undefined) throw new Error('WebLLM gave no answer.');
	return { ...reply, fed, tokens: generatedIds(engine, source.id) };
}

async function loadEngine(): Promise<Loaded> {
	const url = new URL('/model/', location.href).href;
	const manifest = readManifest(await bytesOf(url + MANIFEST), url);
	const { id, title, library, loraMaxRank, parameters } = manifest;
	if (library === null) throw new Error(`${url}${MANIFEST} names no library.`);
	source = { id, title, url, library: ownLibrary(manifest), parameters, origin: { place: 'page' as const } };
	const start = performance.now();
	const files = await prepareForWebLlm({
		source,
		loraRank: loraMaxRank,
		onProgress: () => undefined,
		signal: never,
	});
	config = files.config;
	engine = new MLCEngine({
		appConfig: { model_list: [{ model: files.folder, model_id: id, model_lib: url + library }] },
		logLevel: 'WARN',
	});
	await engine.reload(id);
	beside = new AdapterSlot(engine, id, config, loraMaxRank);
	merged = new AdapterSlot(engine, id, config, 0);
	const seconds = (performance.now() - start) / 1000;
	return {
		seconds,
		id,
		loraMaxRank,
		vocabSize: config.vocabSize,
		quantization: String(manifest['quantization']),
	};
}

const check: Check = {
	async load() {
		const peft: unknown = JSON.parse(new TextDecoder().decode(await bytesOf(`/adapter/${PEFT_CONFIG_FILE}`)));
		adapter = readPeftAdapter(await bytesOf(`/adapter/${PEFT_WEIGHTS_FILE}`), peft);
		return loadEngine();
	},

	async chat(turns, count) {
		await engine.resetChat();
		const options = { ...GREEDY_WITH_LOGPS, max_tokens: count };
		return observed(() => complete(engine, messagesOf(turns), options));
	},

	async turnByTurn(turns, count) {
		await engine.resetChat();
		let first = '';
		const reply = await observed(async () => {
			const options = { ...GREEDY, max_tokens: 100 };
			first = (await complete(engine, messagesOf(turns.slice(0, 1)), options)).text;
			return complete(engine, messagesOf(turns), { ...GREEDY_WITH_LOGPS, max_tokens: count });
		});
		return { ...reply, first };
	},

	async answer(prompt, options) {
		await engine.resetChat();
		return observed(() => complete(engine, messagesOf([prompt]), options));
	},

	everyPosition: (ids, chunk) => everyPosition(pipelineOf(engine, source.id), ids, chunk),

	async adapt(strength) {
		const start = performance.now();
		await beside.set(adapter, strength);
		return performance.now() - start;
	},

	async merge(on) {
		const start = performance.now();
		await merged.set(on ? adapter : null, 1);
		return performance.now() - start;
	},

	async sample(probs, draws) {
		const tokens: number[] = [];
		for (const [uniform, topP] of draws)
			tokens.push(await sample(pipelineOf(engine, source.id), probs, uniform, topP));
		return tokens;
	},

	async worker(prompt, count) {
		await engine.unload();
		const model = new WebLlmTargetModel(
			() => new Worker(new URL('../../src/worker/webllm.worker.ts', import.meta.url), { type: 'module' }),
		);
		await model.load(source, () => undefined, never);
		const texts: string[] = [];
		for (const strength of [0, 1, 0]) {
			await model.setAdapter(adapter, strength);
			const sampling = { temperature: 0, topP: 1, maxTokens: count, seed: 1 };
			texts.push((await model.complete({ messages: messagesOf([prompt]), sampling }, never)).text);
		}
		await model.dispose();
		return texts;
	},
};

Object.assign(window, { check });
