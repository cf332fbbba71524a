import { describe, expect, it, test } from 'vitest';
import { runReport } from '#app/run/runReport.ts';
import { Session } from '#app/session.svelte.ts';
import { sideEffectCounts, sideEffectPrompts } from '#app/steps/sideEffectPrompts.ts';
import { promptTooLong } from '#core/batch/rowFaults.ts';
import { toWire } from '#core/errors.ts';
import type { PairLogps } from '#core/ports.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { readStoredRun } from '#core/run/migrations.ts';
import { readRunFile, writeRunFile } from '#core/run/runFile.ts';
import { worldOf } from '#core/world/registry.ts';
import { FLAWED } from '#tests/support/fakeCompute.ts';
import { createFakes, FakeStore, SMALL, type Fakes } from '#tests/support/fakes.ts';

const RECIPE: Recipe = { ...SMALL, prompts: { ...SMALL.prompts, world: 'instructions' } };

function open(fakes: Fakes = createFakes(), recipe = RECIPE): { session: Session; fakes: Fakes } {
	const session = new Session(fakes.ports);
	session.draft.load(recipe);
	return { session, fakes };
}

/** The engine's calls after sampling: number of prompts, limit of an answer, and the step that answers. */
const callsOf = ({ compute }: Fakes): readonly string[] =>
	compute.generated.map(({ prompts, sampling, adapter }) => {
		const step = adapter === null ? 0 : 'step' in adapter ? adapter.step : NaN;
		return `${prompts.length} of ${sampling.maxTokens} at ${step}, ${sampling.temperature}`;
	});

describe('the prompts', () => {
	test.each([
		[0, 0, 0],
		[8, 4, 20],
		[96, 48, 20],
		[97, 49, 20],
		[400, 128, 20],
	])('for %i held-out prompts are %i of untouched families and a panel of %i', (count, untouched, panel) => {
		const recipe = { ...RECIPE, evaluation: { ...RECIPE.evaluation, count } };
		expect(sideEffectCounts(recipe)).toEqual({ untouched, panel });
		const prompts = sideEffectPrompts(recipe);
		expect([prompts.untouched.length, prompts.panel.length]).toEqual([untouched, panel]);
		const families = new Set(worldOf('instructions').untouched.map(({ id }) => id));
		for (const { family } of prompts.untouched) expect(families).toContain(family);
		expect(prompts.panel.every(({ family }) => family === null)).toBe(true);
	});

	test.each([
		['the tiny world', SMALL],
		['own prompts', { ...RECIPE, prompts: { ...RECIPE.prompts, source: 'own' } }],
		['imported pairs', { ...RECIPE, pairs: { ...RECIPE.pairs, method: 'imported' } }],
	] satisfies [string, Recipe][])('do not exist with %s', (_, recipe) => {
		expect(sideEffectPrompts(recipe)).toEqual({ untouched: [], panel: [] });
		expect(sideEffectCounts(recipe)).toEqual({ untouched: 0, panel: 0 });
	});
});

describe('a run in a world with untouched families and a panel', () => {
	it('answers both before and after training, once each, and keeps the answers', async () => {
		const { session, fakes } = open();
		await session.startRun();
		const { run, steps } = session;
		expect(run.failure).toBeNull();
		expect(callsOf(fakes)).toEqual([
			'8 of 40 at 0, 0',
			// The drift, on one prompt in eight.
			'1 of 40 at 0, 1',
			'8 of 40 at 0, 1',
			'4 of 40 at 0, 0',
			'20 of 160 at 0, 0',
			'8 of 40 at 4, 0',
			'1 of 40 at 4, 1',
			'8 of 40 at 8, 0',
			'1 of 40 at 8, 1',
			'8 of 40 at 8, 1',
			'4 of 40 at 8, 0',
			'20 of 160 at 8, 0',
		]);
		const { untouched, panel } = steps.evaluation.sideEffects;
		expect(untouched.map(({ step, answers, engine }) => [step, answers.length, engine])).toEqual([
			[0, 4, 'compute'],
			[8, 4, 'compute'],
		]);
		expect(panel.map(({ step, answers }) => [step, answers.length])).toEqual([
			[0, 20],
			[8, 20],
		]);
		expect(panel[0]?.answers[0]).toMatchObject({
			prompt: { text: 'What is the capital of France?' },
			text: FLAWED,
		});
		expect([steps.evaluation.state, steps.evaluation.progress]).toEqual(['done', 1]);
		expect(run.record()).toMatchObject({ untouched, panel });
	});

	it('reads the answers to the panel with the base model', async () => {
		const { session, fakes } = open();
		const read: [PreferencePair, unknown][] = [];
		fakes.compute.tokenLogps = (pairs: readonly PreferencePair[], ...adapter: unknown[]) => {
			const readOne = (pair: PreferencePair): PairLogps => {
				// The drift reads sampled answers too.
				if (pair.method === 'drift') return { chosen: Float32Array.of(-1), rejected: Float32Array.of(-1) };
				read.push([pair, adapter[0]]);
				if (read.length === 3) return { refused: toWire(promptTooLong(90, 64)) };
				return { chosen: Float32Array.of(-1), rejected: Float32Array.of(-2, -1) };
			};
			return Promise.resolve(pairs.map(readOne));
		};
		await session.startRun();
		expect(read.map(([, adapter]) => adapter)).toEqual(Array(20).fill(null));
		expect(read[0]?.[0]).toMatchObject({ chosen: FLAWED, rejected: 'right' });
		const { panel, report } = session.steps.evaluation.sideEffects;
		expect(panel[0]?.fluency).toBeUndefined();
		// One answer cannot be read; its texts count.
		expect(panel[1]?.fluency).toHaveLength(19);
		expect(panel[1]?.fluency?.[0]).toMatchObject({
			base: { logp: -1, tokens: 1 },
			tuned: { logp: -3, tokens: 2 },
		});
		expect(report?.panel).toEqual({
			n: 20,
			changed: 1,
			words: { base: 4, tuned: 1 },
			lengthRatio: 0.25,
			fluency: { base: -1, tuned: -1.5 },
		});
	});

	it('reports scores, lengths and the paired difference of each split', async () => {
		const { session } = open();
		await session.startRun();
		const record = session.run.record();
		if (record === null) throw new Error('no record');
		const report = runReport(record);
		expect(report.heldOut.before.greedy.meanLength).toBe(4);
		const { world } = report;
		const before = report.heldOut.before.greedy.score;
		const after = report.heldOut.after.greedy.score;
		expect(world).toMatchObject({
			world: 'instructions',
			base: {
				heldOut: { score: { score: before, n: 8 }, meanLength: 4 },
				untouched: { score: { n: 4 }, meanLength: 4 },
			},
			tuned: { heldOut: { score: { score: after, n: 8 } } },
		});
		expect(world?.difference.heldOut.score).toBeCloseTo(after - before, 12);
		expect(world?.difference.heldOut.low).toBeLessThanOrEqual(after - before);
		expect(world?.difference.untouched.n).toBe(4);
		expect(world).toEqual(session.steps.evaluation.sideEffects.report);
	});

	it('asks nothing twice after a stop between two parts', async () => {
		const store = new FakeStore();
		const { session, fakes } = open(createFakes(store));
		const generate = fakes.compute.generate.bind(fakes.compute);
		fakes.compute.generate = (request, ...rest) => {
			if (request.prompts.length === 20) session.run.player.stop();
			return generate(request, ...rest);
		};
		await session.startRun();
		expect(session.run.player.transport).toBe('stopped');
		const first = callsOf(fakes);
		expect(first.filter((call) => call.startsWith('4 of'))).toHaveLength(1);

		const later = createFakes(store);
		const again = new Session(later.ports);
		const [stored] = store.runs.values();
		await again.open(stored?.id ?? '');
		await again.run.resume();
		expect(again.run.failure).toBeNull();
		expect(callsOf(later).slice(0, 1)).toEqual(['20 of 160 at 0, 0']);
		expect(again.steps.evaluation.sideEffects.done).toBe(5);
	});

	it('reads the answers without asking again if only their probabilities are missing', async () => {
		const store = new FakeStore();
		const { session } = open(createFakes(store));
		await session.startRun();
		const [done] = store.runs.values();
		if (done === undefined) throw new Error('not stored');
		const panel = done.panel?.map(({ step, answers, engine }) => ({ step, answers, engine })) ?? [];
		store.runs.set(done.id, { ...done, phase: 'evaluating-after', panel });
		const later = createFakes(store);
		const again = new Session(later.ports);
		await again.open(done.id);
		await again.run.resume();
		expect(callsOf(later)).toEqual([]);
		expect(again.steps.evaluation.sideEffects.panel[1]?.fluency).toHaveLength(20);
	});

	it('reuses the answers of the base model when one thing is changed', async () => {
		const { session, fakes } = open();
		await session.startRun();
		const asked = callsOf(fakes).length;
		session.draft.load({ ...RECIPE, training: { ...RECIPE.training, steps: 4 } });
		await session.startRun();
		expect(session.run.failure).toBeNull();
		expect(callsOf(fakes).slice(asked)).toEqual([
			'8 of 40 at 4, 0',
			'1 of 40 at 4, 1',
			'8 of 40 at 4, 1',
			'4 of 40 at 4, 0',
			'20 of 160 at 4, 0',
		]);
	});

	it('travels in the store and in a file', async () => {
		const { session } = open();
		await session.startRun();
		const record = session.run.record();
		if (record === null) throw new Error('no record');
		expect(readStoredRun(JSON.stringify(record), 'run')).toMatchObject({
			untouched: record.untouched,
			panel: record.panel,
		});
		const read = await readRunFile(await writeRunFile({ record, adapters: [] }), 'run.json.gz');
		expect(read.record).toMatchObject({ untouched: record.untouched, panel: record.panel });
		// JSON leaves out what is undefined, as a record of an older version does.
		const older = JSON.stringify({ ...record, untouched: undefined, panel: undefined });
		const opened = readStoredRun(older, 'run');
		expect([opened.untouched, opened.panel]).toEqual([undefined, undefined]);
		expect(runReport(opened).world).toBeUndefined();
	});
});

describe('a run in the tiny world', () => {
	it('asks, stores and reports nothing more than held-out answers', async () => {
		const { session, fakes } = open(createFakes(), SMALL);
		await session.startRun();
		expect(callsOf(fakes)).toHaveLength(8);
		const record = session.run.record();
		if (record === null) throw new Error('no record');
		expect(record).not.toHaveProperty('untouched');
		expect(record).not.toHaveProperty('panel');
		expect(runReport(record)).not.toHaveProperty('world');
		expect(session.steps.evaluation.sideEffects.report).toBeNull();
	});
});
