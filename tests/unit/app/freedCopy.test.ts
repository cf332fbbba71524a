/** WebLLM's copy of the weights is freed while a run trains, if both do not fit, and adapters that WebLLM cannot apply are answered by the other engine. */
import { describe, expect, test } from 'vitest';
import { adapterWords, copyWords, freedWords } from '#app/text/engineWords.ts';
import { AnsweringTarget } from '#app/engines/answeringTarget.ts';
import { ComputeTarget } from '#app/engines/computeTarget.ts';
import { Session } from '#app/session.svelte.ts';
import { RemoteError } from '#core/errors.ts';
import { trainingRoom } from '#core/model/trainingRoom.ts';
import type { ModelLibrary, ModelSource } from '#core/model/model.ts';
import { webLlmBytes } from '#core/model/webLlmMemory.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { compiledFor } from '#tests/support/compiledLibrary.ts';
import { createFakes, SMALL, SOURCE, type Fakes } from '#tests/support/fakes.ts';
import { fakeAdapter, FakeCompute, WEBGPU } from '#tests/support/fakeCompute.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';

const never = new AbortController().signal;
const MODEL = {
	...SMALL_MODEL,
	hiddenSize: 576,
	intermediateSize: 1536,
	layers: 30,
	headDim: 64,
	vocabSize: 49152,
};
const placed = (change: Partial<ReturnType<typeof compiledFor>> = {}): ModelLibrary => ({
	place: 'page',
	compiled: { ...compiledFor({ ...MODEL, heads: 9, kvHeads: 3 }, change), address: 'https://page.test/x' },
});

describe('memory', () => {
	const config = { ...MODEL, heads: 9, kvHeads: 3, maxPositions: 8192 };

	test('of WebLLM’s copy counts weights, LoRA records and the keys and values of a chat', () => {
		// 134.5 million weights of two bytes, 2048 tokens of 30 layers with 2 · 192 numbers, and rank 16.
		const library = placed({ weights: 'f16', contextWindow: 2048, loraRank: 'any' });
		const chat = 4 * 2048 * 30 * 2 * 192;
		const lora = 4 * 16 * 30 * (3 * 576 + 960 + 576 + 576 + 2 * 576 + 3072 + 1536 + 576);
		expect(webLlmBytes(config, library)).toBe(2 * 134_515_008 + chat + lora);
	});

	test('decides whether both copies fit', () => {
		const room = (budgetBytes: number) =>
			trainingRoom(config, placed({ loraRank: 'any' }), DEFAULT_RECIPE, { ...WEBGPU, budgetBytes });
		const large = room(16e9);
		expect(large?.fitsBoth).toBe(true);
		expect(room((large?.training ?? 0) + (large?.copy ?? 0) - 1)?.fitsBoth).toBe(false);
		expect(trainingRoom(config, null, DEFAULT_RECIPE, { ...WEBGPU, budgetBytes: 16e9 })).toBeNull();
		expect(trainingRoom(config, placed(), DEFAULT_RECIPE, WEBGPU)).toBeNull();
	});
});

class SmallDevice extends FakeCompute {
	onTrain: () => void = () => undefined;
	override train(...args: Parameters<FakeCompute['train']>) {
		this.onTrain();
		return super.train(...args);
	}
	override device() {
		return Promise.resolve({ ...WEBGPU, budgetBytes: 100 });
	}
}

function onSmallDevice(onTrain: () => void = () => undefined): Fakes {
	const fakes = createFakes();
	fakes.ports.newCompute = () => Object.assign(new SmallDevice(), { onTrain });
	return fakes;
}

describe('a run on a device without room for both copies', () => {
	test('trains without WebLLM’s, which comes back for the scores', async () => {
		const seen: unknown[] = [];
		const fakes = onSmallDevice(() => {
			const { freed, runsOn, target } = session.engines;
			seen.push([freed !== null, runsOn, target instanceof ComputeTarget, fakes.target.loads]);
		});
		const session = new Session(fakes.ports);
		session.draft.load({ ...SMALL, evaluation: { ...SMALL.evaluation, engine: 'webllm' } });
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
		expect(seen).toEqual([[true, 'compute', true, 1]]);
		expect(fakes.target.loads).toBe(2);
		expect([session.engines.freed, session.engines.runsOn]).toEqual([null, 'webllm']);
	});

	test('goes on with the compute engine if WebLLM cannot come back', async () => {
		const fakes = onSmallDevice();
		const { target } = fakes;
		const load = target.load.bind(target);
		target.load = (source: ModelSource, onProgress) =>
			target.loads === 0
				? load(source, onProgress)
				: Promise.reject(new RemoteError('The library is gone.', { code: 'library-missing' }));
		const session = new Session(fakes.ports);
		session.draft.load(SMALL);
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
		expect(session.engines.refusal?.code).toBe('library-missing');
		expect(session.engines.runsOn).toBe('compute');
	});

	test('a second run that trains keeps it freed until both are done', async () => {
		const fakes = onSmallDevice();
		const session = new Session(fakes.ports);
		await session.start();
		await session.engines.load(SOURCE.id, never);
		const first = await session.engines.freeForTraining(SMALL);
		const second = await session.engines.freeForTraining(SMALL);
		await first();
		expect(session.engines.freed).not.toBeNull();
		await second();
		expect(session.engines.freed).toBeNull();
		expect(fakes.target.loads).toBe(2);
	});
});

describe('an adapter of a higher rank than a 4-bit library has room for', () => {
	test('is answered by the compute engine, and the base by WebLLM', async () => {
		const { target } = createFakes();
		const compute = new FakeCompute();
		const answering = new AnsweringTarget(target, new ComputeTarget(compute));
		const library = placed({ weights: 'q4f16_1', loraRank: 0 });
		await answering.load({ ...SOURCE, library }, () => undefined, never);
		const ask = () =>
			answering.complete(
				{ messages: [{ role: 'user', content: 'Add: 1 + 2.' }], sampling: SMALL.sampling },
				never,
			);
		await answering.setAdapter(fakeAdapter(3), 1);
		await ask();
		expect(target.asked).toHaveLength(0);
		await answering.setAdapter(null, 0);
		await ask();
		expect(target.asked).toHaveLength(1);
	});
});

test('the page says which way the adapter went, and what WebLLM’s copy takes', () => {
	expect(adapterWords(placed(), 8)).toContain('beside its weights');
	expect(adapterWords(placed(), 64)).toContain('room for rank 16, so the adapter of rank 64 is merged');
	expect(adapterWords(placed(), 64)).toContain('rounded to bf16');
	expect(adapterWords(placed({ weights: 'q4f32_1' }), 64)).toContain('the engine that trains answers');
	const room = { copy: 269e6, training: 1.1e9, budget: 1.2e9, fitsBoth: false };
	expect(freedWords(room)).toContain(
		'Training takes 1.1 GB and WebLLM’s copy of the weights 269 MB, together more than the 1.2 GB',
	);
	expect(copyWords(room)).toContain('269 MB more and is freed');
	expect(copyWords({ ...room, fitsBoth: true })).toBe('WebLLM’s copy takes 269 MB more');
	expect(copyWords(null)).toBe('one engine answers and trains');
});
