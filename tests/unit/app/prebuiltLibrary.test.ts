/** A model without a library of the page: WebLLM answers as the base model in its own library, the compute engine as the tuned one. */
import { describe, expect, test } from 'vitest';
import { AnsweringTarget } from '#app/engines/answeringTarget.ts';
import { ComputeTarget } from '#app/engines/computeTarget.ts';
import { Session } from '#app/session.svelte.ts';
import { adapterWords, libraryWords } from '#app/text/engineWords.ts';
import type { ModelLibrary } from '#core/model/model.ts';
import { createFakes, SMALL, SOURCE, type Fakes } from '#tests/support/fakes.ts';
import { fakeAdapter, FakeCompute, WEBGPU } from '#tests/support/fakeCompute.ts';

const never = new AbortController().signal;
const prebuilt = (needsF16: boolean): Extract<ModelLibrary, { place: 'prebuilt' }> => ({
	place: 'prebuilt',
	prebuilt: {
		address: 'https://libraries.test/x.wasm',
		weights: needsF16 ? 'q4f16_1' : 'q4f32_1',
		needsF16,
		contextWindow: 2048,
		prefillChunk: 1024,
	},
});

/** A page on a device with these features, whose only model has this library. */
function pageWith(features: readonly string[], library: ModelLibrary): Fakes {
	const fakes = createFakes();
	const compute = new FakeCompute();
	compute.device = () => Promise.resolve({ ...WEBGPU, features: [...features] });
	fakes.ports.newCompute = () => compute;
	fakes.ports.catalogue.list = () => Promise.resolve([{ ...SOURCE, library }]);
	return fakes;
}

test('the base answers in WebLLM, every adapter in the compute engine', async () => {
	const { target } = createFakes();
	const answering = new AnsweringTarget(target, new ComputeTarget(new FakeCompute()));
	await answering.load({ ...SOURCE, library: prebuilt(false) }, () => undefined, never);
	const ask = () =>
		answering.complete(
			{ messages: [{ role: 'user', content: 'Add: 1 + 2.' }], sampling: SMALL.sampling },
			never,
		);
	await answering.setAdapter(fakeAdapter(3), 0.5);
	await ask();
	expect([target.asked.length, target.written.length]).toEqual([0, 0]);
	await answering.setAdapter(fakeAdapter(3), 0);
	await ask();
	expect([target.asked.length, target.written]).toEqual([1, [{ step: 3, strength: 0 }]]);
});

describe('a run with a prebuilt library', () => {
	test('samples in WebLLM, and one engine scores base and tuned answers', async () => {
		const fakes = pageWith([], prebuilt(false));
		const session = new Session(fakes.ports);
		session.draft.load({ ...SMALL, evaluation: { ...SMALL.evaluation, engine: 'webllm' } });
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
		expect(session.engines.runsOn).toBe('webllm');
		expect(fakes.target.asked.length).toBeGreaterThan(0);
		// No adapter reached WebLLM, and the scores name the engine that gave both sides.
		expect(fakes.target.written.filter(({ strength }) => strength > 0)).toEqual([]);
		const engines = session.run.steps.evaluation.results.map(({ engine }) => engine);
		expect(new Set(engines)).toEqual(new Set(['compute']));
	});

	test.each([
		['is left to the compute engine without shader-f16', [], 0, 'webllm-needs-f16'],
		['loads with shader-f16', ['shader-f16'], 1, undefined],
	] as const)('%s', async (_name, features, loads, refusal) => {
		const fakes = pageWith(features, prebuilt(true));
		const session = new Session(fakes.ports);
		await session.start();
		await session.engines.load(SOURCE.id, never);
		expect(fakes.target.loads).toBe(loads);
		expect(session.engines.refusal?.code).toBe(refusal);
		expect(session.engines.runsOn).toBe(loads === 0 ? 'compute' : 'webllm');
	});
});

test('the page says which engine answers as what', () => {
	const webgpu = { ...WEBGPU, features: [] };
	expect(adapterWords(prebuilt(false), 8)).toContain('The engine that trains answers as the tuned model');
	expect(libraryWords(prebuilt(false), webgpu, null)).toContain('from raw.githubusercontent.com, once');
	expect(libraryWords(prebuilt(true), webgpu, null)).toContain('needs shader-f16');
	expect(libraryWords(null, webgpu, null)).toContain('no compiled library');
	expect(libraryWords(null, { ...WEBGPU, backend: 'wasm' }, null)).toContain('WebLLM needs WebGPU');
});
