/**
 * One set of weights, two engines: WebLLM and ours must write the same tokens with the same probabilities,
 * adapter off and on.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '#core/adapter/adapter.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import type { ChatReplyWithLogprobs } from '#runtime/webllm/scored.ts';
import { WebLlmTargetModel } from '#runtime/webllm/targetModel.ts';
import { ComputeClient } from '#worker/client.ts';
import { randomAdapter } from '../support/randomAdapter.ts';
import { allAnswered } from '../support/replies.ts';
import { readPair } from '#tests/support/readPair.ts';

const never = new AbortController().signal;
/** Generous, because the machine may be busy. */
const LOADING_MS = 240_000;
const prompts = worldPrompts({ count: 8, seed: 2, split: 'heldOut' });
const sampling = { temperature: 0, topP: 1, maxTokens: 24, seed: 1 };

const webLlm = new WebLlmTargetModel(
	() => new Worker(new URL('../../src/worker/webllm.worker.ts', import.meta.url), { type: 'module' }),
);
const worker = new Worker(new URL('../../src/worker/compute.worker.ts', import.meta.url), { type: 'module' });
const compute = new ComputeClient(worker, () => worker.terminate());
let config: ModelConfig;

beforeAll(async () => {
	const [source] = (await modelCatalogue(new URL('/', location.href).href).list()) as [ModelSource];
	config = await compute.load(source, () => undefined, never);
	await webLlm.load(source, () => undefined, never);
}, LOADING_MS);

afterAll(async () => {
	await webLlm.dispose();
	await compute.dispose();
});

const chatOf = (text: string): { role: 'user'; content: string }[] => [{ role: 'user', content: text }];

async function webLlmAnswers(): Promise<ChatReplyWithLogprobs[]> {
	const answers: ChatReplyWithLogprobs[] = [];
	for (const { text } of prompts) answers.push(await webLlm.score({ messages: chatOf(text), sampling }, 5));
	return answers;
}

/** An adapter with the strength multiplied into its alpha, for calls without a strength. */
function atStrength(adapter: Adapter, strength: number): Adapter {
	return { ...adapter, config: { ...adapter.config, alpha: adapter.config.alpha * strength } };
}

/**
 * Largest difference in the log-probability of a generated token, over the answers whose text tokenizes back
 * to the same ids.
 */
async function largestDifference(
	answers: readonly ChatReplyWithLogprobs[],
	adapter: Adapter | null,
): Promise<number> {
	let largest = 0;
	let compared = 0;
	for (const [i, answer] of answers.entries()) {
		const prompt = prompts[i];
		if (prompt === undefined) continue;
		const pair: PreferencePair = {
			id: prompt.id,
			prompt,
			chosen: answer.text,
			rejected: `${answer.text} x`,
			method: 'clair',
			from: null,
			edited: false,
		};
		const { chosen: tokenized } = await compute.tokenize(pair, 256);
		const ids = tokenized.ids.slice(tokenized.completionStart);
		if (ids.slice(0, answer.tokens).join() !== answer.tokenIds?.join()) continue;
		const { chosen } = await readPair(compute, pair, adapter);
		for (let t = 0; t < answer.tokens; t++) {
			const difference = Math.abs((chosen[t] ?? NaN) - (answer.logprobs[t]?.logprob ?? NaN));
			largest = Math.max(largest, difference);
			compared++;
		}
	}
	// The tokenizer gives the same ids for most answers of a trained model; without such answers the comparison
	// would be empty.
	expect(compared).toBeGreaterThan(20);
	return largest;
}

describe.each([
	['off', 0, 1e-3],
	['on at strength 0.5', 0.5, 5e-3],
	['on at strength 1', 1, 5e-3],
])('adapter %s', (_name, strength, tolerance) => {
	it('gives the same greedy ids, and log-probabilities within the tolerance', async () => {
		// Random matrices amplify errors more than a trained adapter does.
		const adapter = randomAdapter(config, 8, 5, 0.08);
		await webLlm.setAdapter(adapter, strength);
		const replies = await compute.generate(
			{
				prompts: prompts.map(({ text }) => chatOf(text)),
				sampling,
				adapter: strength === 0 ? null : adapter,
				strength,
			},
			() => undefined,
			never,
		);
		const ours = allAnswered(replies);
		const theirs = await webLlmAnswers();
		expect(theirs.map(({ tokenIds }) => tokenIds)).toEqual(ours.map(({ tokenIds }) => tokenIds));
		expect(theirs.map(({ text }) => text)).toEqual(ours.map(({ text }) => text));
		const difference = await largestDifference(theirs, strength === 0 ? null : atStrength(adapter, strength));
		expect(difference).toBeLessThan(tolerance);
		// An adapter without effect would make the comparison empty.
		if (strength > 0) expect(await largestDifference(theirs, null)).toBeGreaterThan(0.05);
	});
});
