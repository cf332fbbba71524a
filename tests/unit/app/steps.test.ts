import { describe, expect, it } from 'vitest';
import { measureNorms } from '#app/steps/adapterNorms.ts';
import { AdapterStep } from '#app/steps/adapterStep.svelte.ts';
import { BatchStep } from '#app/steps/batchStep.svelte.ts';
import { PauseGate } from '#app/async/pauseGate.ts';
import { ImportedPrompts } from '#app/recipe/importedData.svelte.ts';
import { LossStep } from '#app/steps/lossStep.svelte.ts';
import { OutputStep } from '#app/steps/outputStep.svelte.ts';
import { PairStep } from '#app/steps/pairStep.svelte.ts';
import { PromptStep } from '#app/steps/promptStep.svelte.ts';
import { plain } from '#app/steps/stepSummary.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import { FormatError } from '#core/errors.ts';
import { rng } from '#core/math/rng.ts';
import { writePairsJsonl } from '#core/pair/jsonl.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { readPrompts } from '#core/prompt/importPrompts.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { fakeAdapter, FakeCompute, fakeState, settle } from '#tests/support/fakeCompute.ts';
import { FakeClock, FakeStore, FakeTarget, ManualFrames, SMALL } from '#tests/support/fakes.ts';
import { importedData } from '#tests/support/importedData.ts';
import { wordReader } from '#tests/support/rowReader.ts';
import { runRecord } from '#tests/support/runs.ts';

const recipe = () => SMALL;
const never = new AbortController().signal;
const prompts = worldPrompts({ count: 12, seed: 1, split: 'train' });

function pairsOf(n: number): PreferencePair[] {
	return worldPrompts({ count: n, seed: 2, split: 'train' }).map((prompt) => ({
		id: prompt.id,
		prompt,
		chosen: 'yes it is',
		rejected: 'no',
		method: 'clair',
		from: null,
		edited: false,
	}));
}

describe('PromptStep', () => {
	it('takes the same prompts for the same recipe, none of them on both sides', () => {
		const one = new PromptStep(recipe, new ImportedPrompts());
		const two = new PromptStep(recipe, new ImportedPrompts());
		one.draw(SMALL);
		two.draw(SMALL);
		expect(one.prompts).toEqual(two.prompts);
		const train = new Set(one.prompts.map((prompt) => prompt.text));
		expect(one.heldOut.filter((prompt) => train.has(prompt.text))).toEqual([]);
		expect(one.heldOut).toHaveLength(8);
		expect(one.families.reduce((sum, family) => sum + family.count, 0)).toBe(12);
	});

	it('splits the own list and keeps the skipped rows with their reasons', () => {
		const imported = new ImportedPrompts();
		const step = new PromptStep(recipe, imported);
		const lines = Array.from({ length: 40 }, (_, i) => `Question ${i}?`);
		imported.take(readPrompts('mine.txt', [...lines, 'Question 3?'].join('\n')));
		expect(imported.set?.prompts).toHaveLength(40);
		expect(imported.skipped).toMatchObject([{ line: 41 }]);
		const many = { ...SMALL.evaluation, count: 100 };
		step.draw({ ...SMALL, evaluation: many, prompts: { ...SMALL.prompts, source: 'own', count: 100 } });
		expect(step.prompts.length + step.heldOut.length).toBe(40);
		expect(step.heldOut.length).toBeGreaterThan(0);
	});

	it('keeps its list when a file cannot be read', async () => {
		const imported = new ImportedPrompts();
		imported.take(readPrompts('mine.txt', 'One?\nTwo?'));
		const broken = { name: 'broken.txt', bytes: Uint8Array.of(0x61, 0xff, 0xc3, 0x28), layout: null };
		await expect(imported.read(wordReader(), broken)).rejects.toThrow(FormatError);
		expect(imported.set?.prompts).toHaveLength(2);
	});

	it('says that own prompts are missing', () => {
		const step = new PromptStep(recipe, new ImportedPrompts());
		const own = { ...SMALL, prompts: { ...SMALL.prompts, source: 'own' as const } };
		expect(() => step.draw(own)).toThrow('There are no prompts of your own');
	});
});

describe('OutputStep', () => {
	it('publishes once per frame, however many pieces stream in', async () => {
		const frames = new ManualFrames();
		const step = new OutputStep(recipe, { clock: new FakeClock(), frame: frames.frame });
		step.prepare(prompts.slice(0, 2));
		const before = step.rows;
		const target = new FakeTarget();
		let release = (): void => undefined;
		target.before = () =>
			target.asked.length === 2 ? new Promise((resolve) => (release = resolve)) : undefined;
		const done = step.sample(target, new PauseGate(), never);
		await settle();
		expect(step.rows).toBe(before);
		expect(frames.paint()).toBe(1);
		expect(step.done).toBe(1);
		expect(step.current?.prompt).toEqual(prompts[1]);
		expect(step.state).toBe('running');
		release();
		await done;
		expect(step.done).toBe(2);
		expect(step.state).toBe('done');
	});

	it('resets a row that was being asked when it is cancelled', async () => {
		const step = new OutputStep(recipe, { clock: new FakeClock(), frame: (f) => f() });
		step.prepare(prompts);
		const stop = new AbortController();
		const target = new FakeTarget();
		target.before = () => {
			if (target.asked.length === 3) stop.abort();
		};
		await expect(step.sample(target, new PauseGate(), stop.signal)).rejects.toThrow('Stopped by you');
		expect(step.rows.map((row) => row.state).slice(0, 4)).toEqual(['done', 'done', 'waiting', 'waiting']);
		// Nothing is running, so there is no time estimate.
		expect(step.secondsLeft).toBeNull();
		expect(plain(step.figure)).toBe('2 of 12');
	});
});

describe('PairStep', () => {
	it('fixes the pairs of a training run and detects later decisions', () => {
		const rows = () => ({ outputs: [], answers: [], revisions: [], judgements: [] });
		const step = new PairStep(recipe, { rows, progress: () => 1 }, importedData());
		expect(step.state).toBe('empty');
		step.fix(pairsOf(3));
		expect(plain(step.figure)).toBe('3 kept');
		expect(step.changedSinceTraining).toBe(true);
		expect(writePairsJsonl(step.pairs).trim().split('\n')).toHaveLength(3);
		step.release();
		expect(step.pairs).toEqual([]);
	});
});

describe('BatchStep', () => {
	const pairs = pairsOf(5);
	const sources = { pairs: () => pairs, step: () => 0, running: () => false, plan: () => null };

	it('shows the batch that the trainer’s sampler draws, cut into tokens once', async () => {
		const compute = new FakeCompute();
		const step = new BatchStep(recipe, compute, sources);
		await step.show(1);
		expect(step.shown.map((row) => row.pair)).toEqual(step.pairsOf(1));
		expect(step.shown[0]?.chosen.pieces).toEqual(['yes', 'it', 'is']);
		const cut = step.shown[0];
		expect(await step.tokens(cut?.pair ?? pairs[0]!)).toBe(cut);
	});

	it('has every pair once in an epoch', () => {
		const single = () => ({ ...SMALL, training: { ...SMALL.training, batchPairs: 1 } });
		const step = new BatchStep(single, new FakeCompute(), sources);
		const epoch = [1, 2, 3, 4, 5].flatMap((n) => step.pairsOf(n));
		expect(new Set(epoch)).toEqual(new Set(pairs));
		expect(step.stepsPerEpoch).toBe(5);
	});
});

describe('LossStep', () => {
	const job = {
		runId: 'run',
		recipe: SMALL,
		pairs: pairsOf(4),
		resume: null,
		startPaused: false,
		answers: null,
	};

	it('merges events into one publication per frame and keeps every step', async () => {
		const frames = new ManualFrames();
		const step = new LossStep(recipe, new FakeCompute(), { clock: new FakeClock(), frame: frames.frame });
		const seen: number[] = [];
		const outcome = await step.train(job, (n) => seen.push(n));
		expect(outcome).toMatchObject({ kind: 'done' });
		expect(seen).toEqual([4, 8]);
		expect(frames.paint()).toBe(1);
		expect(step.history).toHaveLength(8);
		expect(step.trails).toHaveLength(16);
		expect(step.positions.size).toBe(2);
		expect(step.courseOf(job.pairs[0]?.id ?? '')?.updates).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
		expect(step.batch).toHaveLength(2);
		expect(step.secondsPerStep).toBe(0.5);
		expect(step.stepZero).toEqual({ loss: 1, expectedLoss: 1, margin: 0 });
	});

	it('forgets measurements after the checkpoint that it resumes from', async () => {
		const step = new LossStep(recipe, new FakeCompute(), { clock: new FakeClock(), frame: (f) => f() });
		await step.train(job);
		const first = step.history;
		await step.train({ ...job, resume: fakeState(4) });
		expect(step.history.map((metrics) => metrics.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
		expect(first).toHaveLength(8);
	});

	it('is not called paused while it waits for a score', async () => {
		const compute = new FakeCompute();
		const step = new LossStep(recipe, compute, { clock: new FakeClock(), frame: (f) => f() });
		const done = step.train(job, (n) => {
			if (n === 4) step.hold();
		});
		await settle(200);
		expect(step.step).toBe(4);
		expect(step.phase).toBe('running');
		step.pause();
		expect(step.phase).toBe('paused');
		step.stepOnce();
		step.release();
		await settle(200);
		expect(step.step).toBe(5);
		expect(step.phase).toBe('paused');
		step.resume();
		await done;
		expect(step.phase).toBe('done');
	});

	it('ends at the last good step when training fails, and names step and pairs', async () => {
		const compute = new FakeCompute();
		compute.failAt = 5;
		const step = new LossStep(recipe, compute, { clock: new FakeClock(), frame: (f) => f() });
		await expect(step.train(job)).rejects.toMatchObject({ code: 'non-finite' });
		expect(step.state).toBe('failed');
		expect(step.history).toHaveLength(4);
		expect(step.failure).toMatchObject({ step: 5, pairIds: job.pairs.slice(0, 2).map((pair) => pair.id) });
		expect(plain(step.figure)).toBe('stopped at step 5');
	});
});

describe('AdapterStep', () => {
	const sources = { step: () => 4, active: () => false, failed: () => false, runId: () => 'run' };

	it('measures the same ‖scaling·B·A‖ as the explicit product', async () => {
		const stream = rng(3);
		const [rank, inFeatures, outFeatures] = [3, 7, 5];
		const loraA = Float32Array.from({ length: rank * inFeatures }, () => stream.next() - 0.5);
		const loraB = Float32Array.from({ length: outFeatures * rank }, () => stream.next() - 0.5);
		const adapter: Adapter = {
			id: 'step-1',
			step: 1,
			config: { rank, alpha: 6, targetModules: ['q_proj'] },
			matrices: [{ layer: 0, module: 'q_proj', loraA, loraB, inFeatures, outFeatures }],
		};
		let sum = 0;
		for (let o = 0; o < outFeatures; o++)
			for (let i = 0; i < inFeatures; i++) {
				let product = 0;
				for (let r = 0; r < rank; r++) product += loraB[o * rank + r]! * loraA[r * inFeatures + i]!;
				sum += product ** 2;
			}
		const norms = await measureNorms(adapter);
		// f64 sums in another order.
		expect(norms.modules[0]?.norm).toBeCloseTo(2 * Math.sqrt(sum), 12);
		expect(norms.modules[0]?.relative).toBe(1);
	});

	it('reads older checkpoints from the store and shows the chosen one', async () => {
		const store = new FakeStore();
		await store.write(runRecord(sources.runId()));
		const step = new AdapterStep(recipe, store, sources);
		for (let n = 1; n <= 12; n++) await step.addCheckpoint(fakeAdapter(n), fakeState(n));
		expect(step.checkpoints).toHaveLength(12);
		expect((await step.read(1))?.step).toBe(1);
		expect((await step.readState(3))?.step).toBe(3);
		await step.select(2);
		expect(step.norms?.step).toBe(2);
		expect(step.norms?.modules.map((norm) => norm.relative)).toEqual([0.5, 1]);
		step.cutAfter(5);
		expect(step.latestStep).toBe(5);
		await step.select(null);
		expect(step.norms?.step).toBe(5);
	});
});
