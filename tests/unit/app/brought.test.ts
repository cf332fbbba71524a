/** Imports: pairs, recipes from a link, runs as files. */
import { describe, expect, it } from 'vitest';
import { EMBEDDED_RECORDING } from '#app/library/recordings.ts';
import { Session } from '#app/session.svelte.ts';
import { plain } from '#app/steps/stepSummary.ts';
import { readPairs } from '#core/pair/importPairs.ts';
import { writePairsJsonl } from '#core/pair/jsonl.ts';
import { recipeLink } from '#core/recipe/link.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { FLAWED, rightAnswer } from '#tests/support/fakeCompute.ts';
import { packRun } from '#tests/support/packRun.ts';
import { createFakes, SMALL, type Fakes } from '#tests/support/fakes.ts';

const OWN: Recipe = { ...SMALL, pairs: { ...SMALL.pairs, method: 'imported' } };

function open(recipe: Recipe = SMALL, fakes: Fakes = createFakes()): { session: Session; fakes: Fakes } {
	const session = new Session(fakes.ports);
	session.draft.load(recipe);
	return { session, fakes };
}

/** A file of pairs whose prompts are not from the world, on both sides of the split. */
function pairsFile(n: number, says = 'word'): string {
	const rows = Array.from({ length: n }, (_, i) => ({
		prompt: `Tell me of ${says} ${i}`,
		chosen: `all of ${i}`,
		rejected: 'no',
	}));
	return rows.map((row) => JSON.stringify(row)).join('\n');
}

describe('imported pairs', () => {
	it('are trained on as they are: nothing is sampled or revised', async () => {
		const { session, fakes } = open(OWN);
		session.imported.pairs.take(readPairs('mine.jsonl', pairsFile(40)));
		await session.startRun();
		expect(session.run.failure).toBeNull();
		expect(session.run.player.transport).toBe('done');
		expect(fakes.target.asked).toEqual([]);
		expect(fakes.reviser.asked).toBe(0);
		const trained = fakes.compute.jobs[0]?.pairs ?? [];
		expect(trained).toHaveLength(12);
		expect(trained.every(({ chosen, method }) => chosen.startsWith('all of') && method === 'imported')).toBe(
			true,
		);
		expect(plain(session.stepSummaries[3]!.figure)).toBe('12 of your own');
	});

	it('are ranked if held out, and their answers are shown without a score', async () => {
		const { session } = open(OWN);
		session.imported.pairs.take(readPairs('mine.jsonl', pairsFile(40)));
		await session.startRun();
		const { evaluation, prompt, pair } = session.steps;
		expect(prompt.heldOut.length).toBeGreaterThan(0);
		expect(evaluation.scored).toBe(false);
		expect(evaluation.comparison).toBeNull();
		expect(evaluation.resultAt('greedy', 8)?.answers).toHaveLength(prompt.heldOut.length);
		// The double's log-probabilities do not move, so every margin is 0 and none is in order.
		expect(evaluation.ranked?.rewards.accuracy).toMatchObject({ score: 0, n: pair.heldOut.length });
		expect(evaluation.resultAt('greedy', 0)?.rewards).toBeUndefined();
		expect(session.run.status.sentence).toContain(`Of ${pair.heldOut.length} pairs`);
		const trained = new Set(pair.pairs.map((one) => one.prompt.id));
		expect(pair.heldOut.some((one) => trained.has(one.prompt.id))).toBe(false);
	});

	it('have scores if the world knows the prompts', async () => {
		const prompts = worldPrompts({ count: 12, seed: 1, split: 'train' });
		const heldOut = worldPrompts({ count: 6, seed: 1, split: 'heldOut' });
		const pairs = [...prompts, ...heldOut].map((prompt) => ({
			id: prompt.id,
			prompt,
			chosen: rightAnswer(prompt.text),
			rejected: FLAWED,
			method: 'imported' as const,
			from: null,
			edited: false,
		}));
		const { session } = open(OWN);
		session.imported.pairs.take(readPairs('x.jsonl', writePairsJsonl(pairs)));
		await session.startRun();
		expect(session.steps.evaluation.comparison?.after).toMatchObject({ score: 1, n: 6 });
	});

	it('stay with the run after a reload, without the file', async () => {
		const first = open(OWN);
		first.session.imported.pairs.take(readPairs('mine.jsonl', pairsFile(40)));
		first.fakes.compute.failAt = 6;
		await first.session.startRun();
		expect(first.session.run.player.transport).toBe('failed');
		const second = open(OWN, createFakes(first.fakes.store));
		await second.session.start();
		await second.session.open('run-1');
		expect(second.session.steps.pair.heldOut.length).toBeGreaterThan(0);
		await second.session.resume();
		expect(second.session.run.player.transport).toBe('done');
		expect(second.fakes.compute.jobs[0]?.resume?.step).toBe(4);
	});

	it('have no answers to show, and a run with answers opens with its own after them', async () => {
		const { session } = open(SMALL);
		await session.startRun();
		const answers = session.steps.output.outputs;
		session.draft.load(OWN);
		session.imported.pairs.take(readPairs('mine.jsonl', pairsFile(40)));
		await session.startRun();
		await session.open('run-1');
		expect(session.steps.output.outputs).toEqual(answers);
		expect(session.steps.pair.changedSinceTraining).toBe(false);
		await session.open('run-2');
		expect(session.steps.output.rows).toEqual([]);
		expect(session.steps.pair.pairs).toHaveLength(12);
		expect(session.steps.pair.changedSinceTraining).toBe(false);
	});

	it('are required before a run starts, and a bad file does not change them', async () => {
		const { session } = open(OWN);
		expect(session.obstacle).toBe('no-pairs');
		await session.startRun();
		expect(session.fresh).toBe(true);
		session.imported.pairs.take(readPairs('mine.jsonl', pairsFile(40)));
		const bad = { name: 'bad.jsonl', bytes: new TextEncoder().encode('{broken'), layout: null };
		await expect(session.imported.pairs.read(session.rowReader, bad)).rejects.toThrow(/line 1/);
		expect(session.imported.pairs.set?.source).toBe('mine.jsonl');
		expect(session.obstacle).toBeNull();
	});

	it('of another file are scored again, although the recipe is the same', async () => {
		const { session } = open(OWN);
		session.imported.pairs.take(readPairs('mine.jsonl', pairsFile(40)));
		await session.startRun();
		session.imported.pairs.take(readPairs('other.jsonl', pairsFile(40, 'thing')));
		session.change();
		await session.startRun();
		expect(session.run.reused).toEqual([]);
		expect(session.steps.evaluation.before?.answers[0]?.prompt.text).toContain('thing');
		session.change();
		await session.startRun();
		expect(session.run.reused).toEqual(['held-out before']);
	});
});

describe('held-out answers from WebLLM', () => {
	const recipe: Recipe = { ...SMALL, evaluation: { ...SMALL.evaluation, engine: 'webllm' } };

	it('come one by one with the adapter written in, from the same seeds, and remove it afterwards', async () => {
		const { session, fakes } = open(recipe);
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
		expect(fakes.compute.generated).toEqual([]);
		const results = session.steps.evaluation.results;
		expect(new Set(results.map(({ engine }) => engine))).toEqual(new Set(['webllm']));
		expect(session.steps.evaluation.comparison?.after.score).toBe(1);
		// 12 answers for training, then 8 prompts greedily and sampled before, at step 4 greedily, and both after;
		// and one prompt in eight sampled for the drift, three times.
		expect(fakes.target.asked).toHaveLength(12 + 5 * 8 + 3);
		const seeds = fakes.target.asked.slice(12, 20).map(({ sampling }) => sampling.seed);
		expect(seeds).toEqual(Array.from({ length: 8 }, (_, i) => SMALL.evaluation.seed + i));
		expect(fakes.target.written.slice(1, 3)).toEqual([
			{ step: null, strength: 0 },
			{ step: null, strength: 0 },
		]);
	});

	it('come from the compute engine without WebGPU, and the result says so', async () => {
		const { session, fakes } = open(recipe);
		fakes.compute.report = { ...fakes.compute.report, backend: 'wasm', fallbackReason: 'no navigator.gpu' };
		await session.startRun();
		expect(fakes.target.asked).toEqual([]);
		expect(session.steps.evaluation.before?.engine).toBe('compute');
	});
});

describe('a recipe from a link', () => {
	const hashOf = async (recipe: Recipe): Promise<string> =>
		new URL(await recipeLink(recipe, 'https://page.test/')).hash;

	it('is the draft, and nothing runs', async () => {
		const { session } = open();
		await session.openLink(await hashOf(OWN));
		expect(session.draft.recipe).toEqual(OWN);
		expect(session.link.recipe).toEqual(OWN);
		expect(session.fresh).toBe(true);
	});

	it('keeps the draft and shows the error if the link is broken', async () => {
		const { session } = open();
		await session.openLink('#recipe=AAAA');
		expect(session.draft.recipe).toEqual(SMALL);
		expect(session.link.problem?.code).toBe('link-broken');
		session.link.dismiss();
		await session.openLink('');
		expect(session.link.problem).toBeNull();
	});

	it('shows its differences from the open run', async () => {
		const { session } = open();
		await session.startRun();
		await session.openLink(await hashOf({ ...SMALL, objective: { id: 'dpo', beta: 1 } }));
		expect(session.editing).toBe(true);
		expect(session.draft.changes.map(({ path }) => path)).toEqual(['objective.id']);
	});
});

describe('runs as files', () => {
	it('open in another browser with all rows and the adapter, and are stored there', async () => {
		const here = open();
		await here.session.startRun();
		const bytes = await packRun(here.session);
		const there = open();
		await there.session.start();
		await there.session.openFile('sunday.run.json.gz', bytes!);
		const { run, steps, library } = there.session;
		expect(there.session.files.error).toBeNull();
		expect(run).toMatchObject({ player: { transport: 'done' }, name: 'Sunday', origin: 'file' });
		expect(steps.evaluation.results).toEqual(here.session.steps.evaluation.results);
		expect(steps.revision.rows.map(({ revised }) => revised)).toEqual(
			here.session.steps.revision.rows.map(({ revised }) => revised),
		);
		expect((await steps.adapter.read(8))?.matrices).toEqual(
			(await here.session.steps.adapter.read(8))?.matrices,
		);
		expect(library.runs.map(({ origin }) => origin)).toEqual(['file']);
		// The record is complete.
		expect({ ...run.record(), origin: undefined, source: undefined }).toEqual({
			...here.session.run.record(),
			checkpoints: [8],
			id: run.id,
			edition: 2,
			origin: undefined,
			source: undefined,
		});
		expect(there.session.estimate).toBeNull();
	});

	it('keep the device that made them, also after a new name', async () => {
		const here = open();
		await here.session.startRun();
		const bytes = await packRun(here.session);
		const fakes = createFakes();
		fakes.compute.report = { ...fakes.compute.report, vendor: 'another' };
		const there = open(SMALL, fakes);
		await there.session.start();
		await there.session.openFile('x', bytes!);
		await there.session.run.rename('Taken along');
		expect(fakes.store.runs.get('run-1')).toMatchObject({ name: 'Taken along', origin: 'file' });
		expect(fakes.store.runs.get('run-1')?.device?.vendor).toBe('fake');
		there.session.change();
		await there.session.startRun();
		expect(there.session.run.origin).toBeNull();
		expect(fakes.store.runs.get('run-2')?.device?.vendor).toBe('another');
	});

	it('that are not runs keep the open run', async () => {
		const { session } = open();
		await session.startRun();
		await session.openFile('photo.png', Uint8Array.of(1, 2, 3));
		expect(session.files.error?.code).toBe('run-file-invalid');
		expect(session.run.id).toBe('run-1');
	});

	it('are refused while a run is active, and nothing is stored', async () => {
		const here = open();
		await here.session.startRun();
		const bytes = await packRun(here.session);
		const { session, fakes } = open();
		const refused: (string | undefined)[] = [];
		fakes.reviser.before = async () => {
			if (fakes.reviser.asked !== 6) return;
			await session.openFile('sunday.run.json.gz', bytes!);
			refused.push(session.files.error?.code);
			expect(session.files.error?.hint).toBe('Stop it or wait until it is done, then open the file.');
			await session.open('run-1');
			await session.openRecorded(EMBEDDED_RECORDING);
			refused.push(session.files.error?.code);
		};
		await session.startRun();
		expect(refused).toEqual(['run-active', 'run-active']);
		expect([...fakes.store.runs.keys()]).toEqual(['run-1']);
		expect(session.run.player.transport).toBe('done');
		await session.openFile('sunday.run.json.gz', bytes!);
		expect(session.files.error).toBeNull();
		expect(session.run.origin).toBe('file');
	});

	it('open the recorded run from the page’s server once, then from the shelf', async () => {
		const here = open();
		await here.session.startRun();
		const bytes = await packRun(here.session);
		const fakes = createFakes();
		let fetched = 0;
		fakes.ports.recordedRun = () => {
			fetched++;
			return Promise.resolve(bytes!);
		};
		const { session } = open(SMALL, fakes);
		await session.start();
		await session.openRecorded(EMBEDDED_RECORDING);
		await session.openRecorded(EMBEDDED_RECORDING);
		expect(fetched).toBe(1);
		expect(session.run).toMatchObject({
			name: 'Recorded run',
			origin: 'recorded',
			player: { transport: 'done' },
		});
		expect(session.steps.adapter.latestStep).toBe(8);
	});

	it('report a recorded run that cannot be loaded', async () => {
		const { session } = open();
		await session.openRecorded(EMBEDDED_RECORDING);
		expect(session.files.error?.code).toBe('recorded-run-missing');
		expect(session.fresh).toBe(true);
	});
});
