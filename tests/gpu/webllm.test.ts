/**
 * WebLLM in its worker with the embedded model: loading, ids, seeds, streaming, and the adapter written in
 * place.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { largestRank } from '#core/adapter/placement.ts';
import { Cancelled } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { PrebuiltLibrary } from '#core/model/prebuilt/prebuiltLibrary.ts';
import type { Message } from '#core/output/output.ts';
import type { ChatRequest, Progress } from '#core/ports.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { loadModelFiles, type ModelFiles } from '#runtime/models/modelFiles.ts';
import { loadTokenizer, type TextTools } from '#runtime/tokenizer/tokenizer.ts';
import { withTensors } from '#tests/support/modelTensors.ts';
import { WebLlmTargetModel } from '#runtime/webllm/targetModel.ts';
import { randomAdapter, widenAdapter } from '../support/randomAdapter.ts';

const never = new AbortController().signal;
/** Generous, because the machine may be busy. */
const LOADING_MS = 240_000;
const prompts = worldPrompts({ count: 12, seed: 1, split: 'heldOut' }).map(({ text }) => text);
const model = new WebLlmTargetModel(
	() => new Worker(new URL('../../src/worker/webllm.worker.ts', import.meta.url), { type: 'module' }),
);
const progress: Progress[] = [];
let source: ModelSource;
let compiledRank: number;
let files: ModelFiles;
let tools: TextTools;

function ask(text: string, sampling: Partial<ChatRequest['sampling']> = {}): ChatRequest {
	return {
		messages: [{ role: 'user', content: text }],
		sampling: { temperature: 0, topP: 1, maxTokens: 24, seed: 1, ...sampling },
	};
}

const greedy = (text: string): ReturnType<WebLlmTargetModel['score']> => model.score(ask(text), 5);

beforeAll(async () => {
	const [first] = await modelCatalogue(new URL('/', location.href).href).list();
	if (first === undefined) throw new Error('The catalogue is empty.');
	source = first;
	if (source.library === null) throw new Error('The embedded model has a library.');
	compiledRank = largestRank(source.library);
	await model.load(source, (one) => progress.push(one), never);
	files = await loadModelFiles(source, () => undefined, never);
	tools = loadTokenizer(files.tokenizerJson, files.tokenizerConfig);
}, LOADING_MS);

afterAll(() => model.dispose());

describe('loading', () => {
	it('tells how far it is, first of the files, then of the engine', () => {
		expect(model.id).toBe('anchor-1m');
		const phases = [...new Set(progress.map(({ phase }) => phase))];
		expect(phases).toEqual(['Loading the model’s files', 'Starting WebLLM']);
		expect(progress.at(-1)).toEqual({ phase: 'Starting WebLLM', done: 100, total: 100 });
	});

	it('leaves one copy of each file in WebLLM’s cache, where the other engine found it', async () => {
		const cache = await caches.open('webllm/model');
		const kept = (await cache.keys()).map(({ url }) => url);
		expect(kept).toContain(`${source.url}resolve/main/params_shard_0.bin`);
		expect(kept.filter((url) => url.endsWith('params_shard_0.bin'))).toHaveLength(1);
		const { tensors } = await withTensors(files);
		expect(tensors.get('model.embed_tokens.weight')?.shape).toEqual([
			files.config.vocabSize,
			files.config.hiddenSize,
		]);
	});
});

describe('tokens', () => {
	const chats: [string, Message[]][] = [
		['a prompt of the world', [{ role: 'user', content: prompts[0] ?? '' }]],
		['what String.replace would read as a command', [{ role: 'user', content: 'pay $$5, $& and $1' }]],
		['other scripts and a character of several tokens', [{ role: 'user', content: 'naïve 👍 日本\n\ttab' }]],
		[
			'a chat with history',
			[
				{ role: 'user', content: 'Sort: b a' },
				{ role: 'assistant', content: 'a $$ b' },
				{ role: 'user', content: 'Again.' },
			],
		],
	];
	it.each(chats)('are those of the tokenizer and chat template: %s', async (_name, messages) => {
		const fed = await model.promptIds(messages);
		expect(fed).toEqual(tools.tokenizer.encode(tools.renderChat(messages, true)));
	});

	it('come back with the answer and make up its text', async () => {
		const reply = await model.complete(ask(prompts[0] ?? ''), never);
		expect(reply.tokenIds).not.toBeNull();
		expect(tools.tokenizer.decode(reply.tokenIds ?? [])).toBe(reply.text);
		expect(reply.tokens).toBe(reply.tokenIds?.length);
	});
});

describe('answers', () => {
	it('are the same at temperature 0 and with log-probabilities, time and again', async () => {
		for (const text of prompts.slice(0, 3)) {
			const plain = await model.complete(ask(text), never);
			const scored = await greedy(text);
			expect(scored.tokenIds).toEqual(plain.tokenIds);
			expect(await greedy(text)).toMatchObject({ tokenIds: plain.tokenIds, logprobs: scored.logprobs });
		}
	});

	it('carry log-probabilities of the likeliest tokens', async () => {
		const { logprobs, tokens } = await greedy(prompts[1] ?? '');
		expect(logprobs.length).toBeGreaterThanOrEqual(tokens);
		for (const { logprob, top } of logprobs) {
			expect(top).toHaveLength(5);
			expect(top[0]?.logprob).toBe(logprob);
			expect(logprob).toBeLessThanOrEqual(0);
		}
	});

	it('are the same for the same seed, and differ between seeds', async () => {
		const sample = (seed: number): Promise<string> =>
			model.complete(ask(prompts[2] ?? '', { temperature: 1.5, seed }), never).then(({ text }) => text);
		const first = [await sample(1), await sample(2), await sample(3), await sample(4)];
		const again = [await sample(1), await sample(2), await sample(3), await sample(4)];
		expect(again).toEqual(first);
		expect(new Set(first).size).toBeGreaterThan(1);
	});

	it('stream, and end at the limit of tokens', async () => {
		const seen: string[] = [];
		const reply = await model.complete(ask(prompts[0] ?? '', { maxTokens: 3 }), never, (text) =>
			seen.push(text),
		);
		expect(reply).toMatchObject({ finishReason: 'length', tokens: 3 });
		expect(seen.at(-1)).toBe(reply.text);
		expect(seen.length).toBeGreaterThan(1);
	});

	it('can be stopped in the middle, and the next one is as ever', async () => {
		const before = await model.complete(ask(prompts[0] ?? ''), never);
		const stop = new AbortController();
		const stopped = model.complete(ask(prompts[0] ?? ''), stop.signal, () => stop.abort());
		await expect(stopped).rejects.toBeInstanceOf(Cancelled);
		expect(await model.complete(ask(prompts[0] ?? ''), never)).toEqual(before);
	});

	it('say where a prompt is too long', async () => {
		const long = model.complete(ask('word '.repeat(600)), never);
		await expect(long).rejects.toMatchObject({ code: 'prompt-too-long' });
		expect((await model.complete(ask(prompts[0] ?? ''), never)).tokens).toBeGreaterThan(0);
	});
});

describe('the adapter in the running engine', () => {
	it('changes answers by its strength, and off is the base to the last bit', async () => {
		const adapter = randomAdapter(files.config, 8, 7);
		const text = prompts[3] ?? '';
		const base = await greedy(text);
		const seen: string[] = [];
		for (const strength of [1, 0.5, 1.5]) {
			await model.setAdapter(adapter, strength);
			seen.push(JSON.stringify((await greedy(text)).logprobs));
		}
		expect(new Set([...seen, JSON.stringify(base.logprobs)]).size).toBe(4);
		await model.setAdapter(adapter, 0);
		expect(await greedy(text)).toMatchObject({ tokenIds: base.tokenIds, logprobs: base.logprobs });
		await model.setAdapter(adapter, 1);
		await model.setAdapter(null, 1);
		expect(await greedy(text)).toMatchObject({ tokenIds: base.tokenIds, logprobs: base.logprobs });
	});

	it('is merged into the weights where its rank is larger than the library’s, with the same answers', async () => {
		const adapter = randomAdapter(files.config, compiledRank, 11, 0.04);
		const wide = widenAdapter(adapter, compiledRank + 8);
		const text = prompts[4] ?? '';
		const base = await greedy(text);
		await model.setAdapter(adapter, 1);
		const beside = await greedy(text);
		await model.setAdapter(wide, 1);
		const merged = await greedy(text);
		expect(merged.tokenIds).toEqual(beside.tokenIds);
		// A very small delta could not distinguish a merge from no merge.
		expect(Math.abs((merged.logprobs[0]?.logprob ?? 0) - (base.logprobs[0]?.logprob ?? 0))).toBeGreaterThan(
			0.02,
		);
		for (const [i, { logprob }] of merged.logprobs.entries()) {
			// f32 sums in another order: 5e-3 is the project's bound with an adapter on.
			expect(Math.abs(logprob - (beside.logprobs[i]?.logprob ?? NaN))).toBeLessThan(5e-3);
		}
		// From merged directly to another adapter, and back to the base.
		await model.setAdapter(adapter, 1);
		expect((await greedy(text)).logprobs).toEqual(beside.logprobs);
		await model.setAdapter(wide, 0.5);
		await model.setAdapter(null, 0);
		expect((await greedy(text)).logprobs).toEqual(base.logprobs);
	});

	it('of another model is refused and leaves the engine as it was', async () => {
		const text = prompts[5] ?? '';
		const base = await greedy(text);
		const other = randomAdapter({ ...files.config, hiddenSize: 64 }, 8, 3);
		await expect(model.setAdapter(other, 1)).rejects.toMatchObject({ kind: 'shape' });
		await expect(model.setAdapter(null, Number.NaN)).rejects.toMatchObject({ code: 'strength-invalid' });
		expect((await greedy(text)).logprobs).toEqual(base.logprobs);
	});

	it('waits for the answer that is being written', async () => {
		const adapter = randomAdapter(files.config, 8, 7);
		const text = prompts[6] ?? '';
		const base = await model.complete(ask(text), never);
		const running = model.complete(ask(text), never);
		const switched = model.setAdapter(adapter, 1);
		expect(await running).toEqual(base);
		await switched;
		await model.setAdapter(null, 0);
	});
});

it(
	'a library that is served elsewhere, as WebLLM’s own are, answers the same as the base',
	async () => {
		const text = prompts[7] ?? '';
		const base = await greedy(text);
		const { library, url } = source;
		if (library?.place !== 'folder') throw new Error('The embedded model has its own library.');
		const prebuilt: PrebuiltLibrary = {
			...{ address: new URL(library.file, url).href, weights: 'bf16', needsF16: false },
			...{ contextWindow: 512, prefillChunk: 256 },
		};
		await model.load({ ...source, library: { place: 'prebuilt', prebuilt } }, () => undefined, never);
		expect(await greedy(text)).toMatchObject({ tokenIds: base.tokenIds, logprobs: base.logprobs });
		// Without an adapter, as the page calls it.
		await model.setAdapter(null, 0);
		expect((await greedy(text)).logprobs).toEqual(base.logprobs);
		const kept = await (await caches.open('anchorage/libraries')).keys();
		expect(kept.map((request) => request.url)).toContain(prebuilt.address);
	},
	LOADING_MS,
);
