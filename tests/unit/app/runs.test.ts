/** Several runs on one set of engines and one store. */
import { describe, expect, it } from 'vitest';
import { Engines } from '#app/engines/engines.svelte.ts';
import { ReviserConnection } from '#app/engines/reviserConnection.svelte.ts';
import { SecondModel } from '#app/engines/secondModel.svelte.ts';
import { Run, type RunParts } from '#app/run/run.svelte.ts';
import { DeviceError } from '#core/errors.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { FLAWED } from '#tests/support/fakeCompute.ts';
import { createFakes, SMALL, SOURCE, type Fakes } from '#tests/support/fakes.ts';
import { importedData } from '#tests/support/importedData.ts';

/** Two recipes that differ in everything that one run could take from the other by mistake: data, seeds, objective, adapter, engine. */
const FIRST: Recipe = SMALL;
const SECOND: Recipe = {
	...SMALL,
	prompts: { ...SMALL.prompts, seed: 2, count: 10 },
	sampling: { ...SMALL.sampling, seed: 50 },
	objective: { id: 'dpo', beta: 0.5 },
	lora: { ...SMALL.lora, seed: 3 },
	training: { ...SMALL.training, steps: 9, batchPairs: 3, checkpointEvery: 3, evaluateEvery: 3 },
	evaluation: { ...SMALL.evaluation, seed: 5, count: 6, engine: 'webllm' },
};

function shared(fakes: Fakes = createFakes()): { parts: RunParts; fakes: Fakes } {
	const { ports } = fakes;
	const engines = new Engines(ports);
	const reviser = new ReviserConnection(ports, new SecondModel(ports, engines));
	const imported = importedData();
	return { parts: { ports, engines, reviser, imported }, fakes };
}

function two(fakes?: Fakes) {
	const { parts, fakes: used } = shared(fakes);
	return {
		parts,
		fakes: used,
		first: Run.create(parts, FIRST, 'First'),
		second: Run.create(parts, SECOND, 'Second'),
	};
}

/** All results of a run, with its last adapter; without values that differ between two tries. */
async function made(run: Run) {
	const { adapter } = run.steps;
	const trained = adapter.latestStep === null ? null : await adapter.read(adapter.latestStep);
	return { ...run.record(), trained, id: '', name: '', createdAt: '', seconds: {}, edition: 0 };
}

async function madeAlone(recipe: Recipe) {
	const run = Run.create(shared().parts, recipe, 'Alone');
	await run.start();
	expect(run.player.transport).toBe('done');
	return made(run);
}

async function until(condition: () => boolean): Promise<void> {
	for (let i = 0; i < 2000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve));
	expect(condition()).toBe(true);
}

describe('two runs at the same time', () => {
	it('go from prompts to done, each as it would alone, and both are kept', async () => {
		const { first, second, fakes } = two();
		// Long enough for the second run to need the model while the first loads it.
		const load = fakes.compute.load.bind(fakes.compute);
		fakes.compute.load = async (...args) => {
			await new Promise((resolve) => setTimeout(resolve));
			return load(...args);
		};
		await Promise.all([first.start(), second.start()]);
		expect(await made(first)).toEqual(await madeAlone(FIRST));
		expect(await made(second)).toEqual(await madeAlone(SECOND));
		expect(fakes.compute.mostTrainers).toBe(2);
		expect([fakes.compute.loads, fakes.target.loads]).toEqual([1, 1]);
		expect([...fakes.store.runs.values()].map(({ name, phase }) => [name, phase])).toEqual([
			['First', 'done'],
			['Second', 'done'],
		]);
		for (const run of [first, second]) expect(fakes.store.runs.get(run.id!)).toEqual(run.record());
		expect((await fakes.store.readCheckpoint(first.id!, 8))?.adapter.matrices[0]?.loraA[0]).toBe(1);
		expect((await fakes.store.readCheckpoint(second.id!, 9))?.adapter.matrices[0]?.loraA[0]).toBe(3);
	});

	it('do so without WebGPU too, with answers from the compute engine', async () => {
		const withoutGpu = (): Fakes => {
			const fakes = createFakes();
			fakes.compute.report = { ...fakes.compute.report, backend: 'wasm', fallbackReason: 'no navigator.gpu' };
			return fakes;
		};
		const alone = Run.create(shared(withoutGpu()).parts, SECOND, 'Alone');
		await alone.start();
		const { first, second } = two(withoutGpu());
		await Promise.all([first.start(), second.start()]);
		expect(first.player.transport).toBe('done');
		expect(await made(second)).toEqual(await made(alone));
	});

	it('one that is paused while it samples leaves the engine to the other, and ends as it would alone', async () => {
		const { first, second, fakes } = two();
		fakes.target.before = () => {
			if (fakes.target.asked.length === 3) first.player.pause();
		};
		const running = first.start();
		await until(() => first.steps.output.done === 3);
		await second.start();
		expect(second.player.transport).toBe('done');
		expect(first.player.transport).toBe('paused');
		// The other has used the engine with its adapter on since.
		await first.resume();
		await running;
		expect(first.steps.output.outputs.map(({ text }) => text)).toEqual(Array(12).fill(FLAWED));
		expect(await made(first)).toEqual(await madeAlone(FIRST));
		expect(await made(second)).toEqual(await madeAlone(SECOND));
	});

	it('one that is paused while it trains takes single steps, and the other ends', async () => {
		const { first, second } = two();
		const running = first.start();
		await until(() => first.steps.loss.step >= 1);
		first.player.pause();
		await until(() => first.steps.loss.phase === 'paused');
		const at = first.steps.loss.step;
		const other = second.start();
		first.player.stepOnce();
		await other;
		expect(first.steps.loss.step).toBe(at + 1);
		expect(second.player.transport).toBe('done');
		await first.resume();
		await running;
		expect(await made(first)).toEqual(await madeAlone(FIRST));
		expect(await made(second)).toEqual(await madeAlone(SECOND));
	});

	it('one that is stopped leaves the other alone, and is resumed', async () => {
		const { first, second, fakes } = two();
		const running = [first.start(), second.start()];
		await until(() => first.steps.loss.step >= 2);
		first.player.stop(false);
		await Promise.all(running);
		expect(first.player.transport).toBe('stopped');
		expect(first.steps.adapter.checkpoints).toEqual([]);
		expect(await made(second)).toEqual(await madeAlone(SECOND));
		await first.resume();
		expect(await made(first)).toEqual(await madeAlone(FIRST));
		expect([...fakes.store.runs.values()].map(({ phase }) => phase)).toEqual(['done', 'done']);
	});

	it('one that fails leaves the other alone', async () => {
		const { first, second, fakes } = two();
		fakes.compute.failAt = 5;
		fakes.compute.failRun = first.id;
		await Promise.all([first.start(), second.start()]);
		expect(first.player.transport).toBe('failed');
		expect(first.failure?.error.code).toBe('non-finite');
		expect(second.interruption).toBeNull();
		expect(await made(second)).toEqual(await madeAlone(SECOND));
		expect(fakes.compute.disposed).toBe(false);
	});

	it('one whose device has no memory for it leaves the engines to the other', async () => {
		const { first, second, fakes } = two();
		fakes.compute.failAt = 5;
		fakes.compute.failRun = first.id;
		fakes.compute.failWith = new DeviceError('The GPU has no memory for this.', { code: 'out-of-memory' });
		await Promise.all([first.start(), second.start()]);
		expect(first.failure?.error.code).toBe('out-of-memory');
		expect(second.interruption).toBeNull();
		expect(await made(second)).toEqual(await madeAlone(SECOND));
	});

	it('both continue with new engines when the one they share is lost, and end as they would alone', async () => {
		const { first, second, fakes } = two();
		fakes.compute.failAt = 6;
		fakes.compute.failRun = first.id;
		fakes.compute.failWith = new DeviceError('The GPU was lost.', { code: 'device-lost' });
		await Promise.all([first.start(), second.start()]);
		expect(fakes.computes).toHaveLength(2);
		for (const run of [first, second]) {
			expect(run.player.transport).toBe('done');
			expect(run.interruption).toContain('was lost');
		}
		expect(await made(first)).toEqual(await madeAlone(FIRST));
		expect(await made(second)).toEqual(await madeAlone(SECOND));
	});

	it('one that is resumed while the other still loads new engines waits for them', async () => {
		const fakes = createFakes();
		let release = (): void => undefined;
		const held = new Promise<void>((resolve) => (release = resolve));
		const { newCompute } = fakes.ports;
		fakes.ports.newCompute = () => {
			const compute = newCompute();
			const load = fakes.compute.load.bind(compute);
			if (compute !== fakes.compute)
				Object.assign(compute, {
					load: (...args: Parameters<typeof load>) => held.then(() => load(...args)),
				});
			return compute;
		};
		const { first, second } = two(fakes);
		fakes.target.before = () => {
			if (fakes.target.asked.length === 3) first.player.pause();
		};
		const running = first.start();
		await until(() => first.steps.output.done === 3);
		fakes.compute.failAt = 6;
		fakes.compute.failRun = second.id;
		fakes.compute.failWith = new DeviceError('The GPU was lost.', { code: 'device-lost' });
		const other = second.start();
		await until(() => fakes.computes.length === 2);
		await first.resume();
		await until(() => first.interruption !== null);
		release();
		await Promise.all([running, other]);
		expect(await made(first)).toEqual(await madeAlone(FIRST));
		expect(await made(second)).toEqual(await madeAlone(SECOND));
	});
});

describe('shared by runs', () => {
	it('is one adapter at a time, which a run that samples alone removes once', async () => {
		const { parts, fakes } = shared();
		const run = Run.create(parts, FIRST, 'First');
		await run.start();
		expect(fakes.target.written).toEqual([
			{ step: null, strength: 0 },
			{ step: 8, strength: 1 },
		]);
	});

	it('is one model: another is not loaded while a run needs it', async () => {
		const { parts, fakes } = shared();
		fakes.ports.catalogue.list = () => Promise.resolve([SOURCE, { ...SOURCE, id: 'other' }]);
		const first = Run.create(parts, FIRST, 'First');
		const other = Run.create(parts, { ...SECOND, model: 'other' }, 'Other');
		let release = (): void => undefined;
		const held = new Promise<void>((resolve) => (release = resolve));
		fakes.target.before = () => held;
		const running = first.start();
		await until(() => fakes.target.asked.length === 1);
		await other.start();
		expect(other.failure?.error).toMatchObject({ code: 'model-in-use', context: { held: 'anchor-1m' } });
		await parts.engines.tryLoad('other');
		expect(parts.engines.error?.code).toBe('model-in-use');
		release();
		await running;
		expect(first.player.transport).toBe('done');
		await other.resume();
		expect(other.player.transport).toBe('done');
	});

	it('is not the work: a run reuses rows of another, and neither changes the other', async () => {
		const { parts, fakes } = shared();
		const first = Run.create(parts, FIRST, 'First');
		await first.start();
		const before = await made(first);
		const again = Run.create(parts, { ...FIRST, objective: { id: 'dpo', beta: 1 } }, 'Again', [first]);
		await again.start();
		expect(again.reused).toEqual(['outputs', 'revisions', 'held-out before']);
		again.steps.revision.setAside(again.steps.revision.rows[0]!.id);
		await again.save();
		expect(await made(first)).toEqual(before);
		expect(fakes.store.runs.get(first.id!)?.revisions[0]?.state).toBe('revised');
	});
});
