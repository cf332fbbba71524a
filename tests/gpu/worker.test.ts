/**
 * The compute worker as the page uses it, with the embedded model: load, answer, train, steer, query the
 * adapter in between.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cancelled } from '#core/errors.ts';
import type { Message } from '#core/output/output.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type {
	AdapterChoice,
	ChatReply,
	PromptReply,
	TrainControl,
	TrainEvent,
	TrainJob,
} from '#core/ports.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { ComputeClient } from '#worker/client.ts';
import { allAnswered } from '../support/replies.ts';
import { readPair } from '#tests/support/readPair.ts';

const PAGE = new URL('/', location.href).href;
const never = new AbortController().signal;

async function openClient(name: string): Promise<ComputeClient> {
	const worker = new Worker(new URL('../../src/worker/compute.worker.ts', import.meta.url), {
		type: 'module',
		name,
	});
	const client = new ComputeClient(worker, () => worker.terminate());
	const [source] = await modelCatalogue(PAGE).list();
	await client.load(source!, () => undefined, never);
	return client;
}

let client: ComputeClient;
beforeAll(async () => {
	client = await openClient('compute');
});
afterAll(() => client.dispose());

const chat = (text: string): Message[] => [{ role: 'user', content: text }];
const PROMPTS = worldPrompts({ count: 6, seed: 3, split: 'train' });

/** Answers and their opposites: enough to move the adapter. */
const PAIRS: PreferencePair[] = PROMPTS.map((prompt, i) => ({
	id: prompt.id,
	prompt: { ...prompt },
	chosen: `Yes, number ${i}.`,
	rejected: 'I do not know.',
	method: 'clair',
	from: null,
	edited: false,
}));

const GREEDY = { temperature: 0, topP: 1, maxTokens: 12, seed: 1 };

async function answers(
	from: ComputeClient,
	adapter: AdapterChoice = null,
	strength = 1,
): Promise<readonly ChatReply[]> {
	const prompts = PROMPTS.map(({ text }) => chat(text));
	const request = { prompts, sampling: GREEDY, adapter, strength };
	return allAnswered(await from.generate(request, () => undefined, never));
}

function job(steps: number, startPaused = false): TrainJob {
	const training = { ...DEFAULT_RECIPE.training, steps, batchPairs: 3, checkpointEvery: 0 };
	return {
		runId: 'run',
		recipe: { ...DEFAULT_RECIPE, training },
		pairs: PAIRS,
		resume: null,
		startPaused,
		answers: null,
	};
}

/** Collects events and lets a test wait for one. */
class Events {
	readonly seen: TrainEvent[] = [];
	#waiting: (() => void)[] = [];

	readonly push = (event: TrainEvent): void => {
		this.seen.push(event);
		for (const wake of this.#waiting.splice(0)) wake();
	};

	async until(type: TrainEvent['type'], count = 1): Promise<void> {
		while (this.seen.filter((event) => event.type === type).length < count) {
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
		}
	}

	get types(): string[] {
		return this.seen.map(({ type }) => type).filter((type) => type !== 'progress');
	}
}

describe('answers', () => {
	test('a prompt that is too long or empty is refused by itself, and the others draw as if alone', async () => {
		const sampling = { ...GREEDY, temperature: 1 };
		const ask = (texts: readonly string[], seed: number) =>
			client.generate(
				{ prompts: texts.map(chat), sampling: { ...sampling, seed }, adapter: null, strength: 1 },
				() => undefined,
				never,
			);
		const [first, second] = PROMPTS.map(({ text }) => text);
		const replies = await ask([first!, 'a '.repeat(700), ' ', second!], 5);
		expect(replies[1]).toMatchObject({
			refused: { code: 'prompt-too-long', context: { tokens: 709, limit: 511 } },
		});
		expect(replies[2]).toMatchObject({ refused: { code: 'prompt-empty' } });
		expect(allAnswered([replies[0]!])[0]?.text).toBe(allAnswered(await ask([first!], 5))[0]?.text);
		expect(allAnswered([replies[3]!])[0]?.text).toBe(allAnswered(await ask([second!], 8))[0]?.text);
	});

	test('every prompt gets its reply, streamed as it is done, the same each time', async () => {
		const streamed = new Map<number, PromptReply>();
		const sampling = { ...GREEDY, temperature: 1, topP: 0.95 };
		const request = { prompts: PROMPTS.map(({ text }) => chat(text)), sampling, adapter: null, strength: 1 };
		const replies = allAnswered(
			await client.generate(request, (index, reply) => streamed.set(index, reply), never),
		);
		expect(replies).toHaveLength(PROMPTS.length);
		expect(replies.every(({ text, tokens }) => text.length > 0 && tokens > 0)).toBe(true);
		expect([...replies.keys()].map((i) => streamed.get(i))).toEqual(replies);
		expect(await client.generate(request, () => undefined, never)).toEqual(replies);
	});

	test('a cancelled call keeps what was answered and says that it was cancelled', async () => {
		const cancel = new AbortController();
		const many = Array.from({ length: 96 }, (_, i) => chat(PROMPTS[i % PROMPTS.length]!.text));
		let answered = 0;
		const request = { prompts: many, sampling: GREEDY, adapter: null, strength: 1 };
		const asking = client.generate(
			request,
			() => {
				answered++;
				cancel.abort();
			},
			cancel.signal,
		);
		await expect(asking).rejects.toThrow(Cancelled);
		expect(answered).toBeGreaterThan(0);
		expect(answered).toBeLessThan(96);
	});

	test('the wasm backend gives the same greedy answers', async () => {
		const wasm = await openClient('compute-wasm');
		expect((await wasm.device()).backend).toBe('wasm');
		const ids = (replies: readonly ChatReply[]): unknown => replies.map(({ tokenIds }) => tokenIds);
		expect(ids(await answers(wasm))).toEqual(ids(await answers(client)));
		await wasm.dispose();
	});
});

describe('training', () => {
	async function start(steps: number, startPaused = false): Promise<{ events: Events; run: TrainControl }> {
		const events = new Events();
		const run = client.train(job(steps, startPaused), events.push);
		await events.until('checked');
		return { events, run };
	}

	test('single steps, the adapter of the current step, answers in between, resume to the end', async () => {
		const base = await answers(client);
		const { events, run } = await start(6, true);
		await events.until('paused');
		run.step();
		await events.until('paused', 2);
		run.step();
		await events.until('paused', 3);
		const current = await client.currentAdapter('run');
		expect(current).toMatchObject({ id: 'step-2', step: 2 });
		const now = await answers(client, { runId: 'run' });
		expect(await answers(client, current)).toEqual(now);
		expect(await answers(client, current, 0)).toEqual(base);
		run.resume();
		await run.finished;
		expect(events.types).toEqual([
			...['planned', 'checked', 'paused', 'step', 'paused', 'step', 'paused', 'resumed'],
			...['step', 'step', 'step', 'step', 'done'],
		]);
		expect(await client.currentAdapter('run')).toBeNull();
	});

	test('answers come while steps go on', async () => {
		const { events, run } = await start(60);
		await events.until('step');
		const during = await answers(client, { runId: 'run' });
		expect(during.every(({ tokens }) => tokens > 0)).toBe(true);
		run.stop(false);
		await run.finished;
		expect(events.seen.at(-1)).toMatchObject({ type: 'stopped', adapter: null, state: null });
	});

	test('stop and keep gives the adapter and state of the last step; a run goes on from there', async () => {
		const { events, run } = await start(60);
		await events.until('step', 2);
		run.stop(true);
		await run.finished;
		const last = events.seen.at(-1)!;
		if (last.type !== 'stopped' || last.state === null) throw new Error(JSON.stringify(last));
		expect(last.adapter?.step).toBe(last.step);
		expect(last.state.step).toBe(last.step);
		const more = new Events();
		await client.train({ ...job(last.step + 2), resume: last.state }, more.push).finished;
		expect(more.types).toEqual(['planned', 'step', 'step', 'done']);
	});

	test('a state of another rank is refused with what differs', async () => {
		const state = { step: 1, params: new Float32Array(64), m: new Float32Array(64), v: new Float32Array(64) };
		const resume = { ...state, numTokens: 0, samplerSeed: 1, referenceLogps: {} };
		const events = new Events();
		await client.train({ ...job(4), resume }, events.push).finished;
		expect(events.seen.at(-1)).toMatchObject({
			type: 'failed',
			error: { code: 'resume-mismatch' },
			lastCheckpoint: 1,
		});
	});

	test('pairs that are all too long are named before anything starts', async () => {
		const { recipe, ...rest } = job(4);
		const events = new Events();
		const short = { ...recipe, training: { ...recipe.training, maxLength: 4 } };
		await client.train({ ...rest, recipe: short }, events.push).finished;
		expect(events.seen).toMatchObject([
			{ type: 'failed', error: { code: 'no-pairs', context: { dropped: 6 } } },
		]);
	});
});

describe('tokens', () => {
	test('the pieces of a side are its chat text, and its log-probabilities are one a completion token', async () => {
		const pair = PAIRS[0]!;
		const { chosen, rejected } = await client.tokenize(pair, 256);
		expect(chosen.pieces.join('')).toContain(pair.chosen);
		expect(chosen.pieces.slice(0, chosen.completionStart).join('')).not.toContain(pair.chosen);
		const logps = await readPair(client, pair, null);
		expect(logps.chosen).toHaveLength(chosen.ids.length - chosen.completionStart);
		expect(logps.rejected).toHaveLength(rejected.ids.length - rejected.completionStart);
		expect(logps.chosen.every((logp) => logp <= 0)).toBe(true);
	});
});
