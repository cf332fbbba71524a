import { describe, expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { AppError } from '#core/errors.ts';
import { plain } from '#app/steps/stepSummary.ts';
import { createFakes, FakeStore, SMALL, type Fakes } from '#tests/support/fakes.ts';
import { FLAWED } from '#tests/support/fakeCompute.ts';

function open(fakes: Fakes = createFakes(), recipe = SMALL): { session: Session; fakes: Fakes } {
	const session = new Session(fakes.ports);
	session.draft.load(recipe);
	return { session, fakes };
}

/** Waits until a condition holds, one turn of the event loop at a time. */
async function until(condition: () => boolean): Promise<void> {
	for (let i = 0; i < 2000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve));
	expect(condition()).toBe(true);
}

describe('a run from prompts to held-out scores', () => {
	it('goes through every phase and ends with a better score', async () => {
		const { session, fakes } = open();
		await session.start();
		expect(session.fresh).toBe(true);
		await session.startRun();
		const { steps, run } = session;
		expect(run.failure).toBeNull();
		expect(run.player.transport).toBe('done');
		expect(steps.output.outputs.map((output) => output.text)).toEqual(Array(12).fill(FLAWED));
		expect(steps.pair.pairs).toHaveLength(12);
		expect(steps.loss.history.map((metrics) => metrics.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
		expect(steps.adapter.checkpoints).toEqual([4, 8]);
		expect(steps.evaluation.results.map(({ mode, step }) => `${mode} ${step}`)).toEqual([
			'greedy 0',
			'sampled 0',
			'greedy 4',
			'greedy 8',
			'sampled 8',
		]);
		expect(steps.evaluation.comparison?.difference.score).toBeGreaterThan(0.5);
		expect(steps.evaluation.worse).toEqual([]);
		expect(fakes.target.written.at(-1)).toEqual({ step: 8, strength: 1 });
		expect(run.status.sentence).toContain('Measured on 8 prompts that it never trained on');
		expect(session.stepSummaries.map((summary) => summary.state)).toEqual(Array(8).fill('done'));
	});

	it('scores exactly the steps of the recipe, for any checkpoints', async () => {
		const training = { ...SMALL.training, checkpointEvery: 4, evaluateEvery: 3 };
		const { session } = open(createFakes(), { ...SMALL, training });
		await session.startRun();
		expect(session.steps.evaluation.course.map((point) => point.step)).toEqual([0, 3, 6, 8]);
		expect(session.steps.adapter.checkpoints).toEqual([4, 8]);
	});

	it('shows the result of each step', async () => {
		const { session } = open();
		expect(session.stepSummaries.map((summary) => plain(summary.figure))).toEqual([
			'12 prompts',
			'temperature 1.0',
			'built-in reviser',
			'all that differ',
			'2 pairs per step',
			'APO-zero',
			'rank 8, 8 steps',
			'8 held out',
		]);
		await session.startRun();
		expect(session.stepSummaries.map((summary) => plain(summary.figure))).toEqual([
			'12 from 8 families',
			'12 at temperature 1',
			'12 of 12 differ',
			'12 kept',
			'2 pairs per step',
			'0.24 from 1.00',
			'8 steps, rank 8',
			expect.stringMatching(/^0\.\d\d → 1\.00$/),
		]);
	});

	it('draws every answer from its own seed, so that a resumed run has the same answers', async () => {
		const { session, fakes } = open();
		await session.startRun();
		const seeds = fakes.target.asked.map((request) => request.sampling.seed);
		expect(seeds).toEqual(Array.from({ length: 12 }, (_, i) => SMALL.sampling.seed + i));
	});

	it('samples through the compute engine without WebGPU, and says so', async () => {
		const { session, fakes } = open();
		fakes.compute.report = { ...fakes.compute.report, backend: 'wasm', fallbackReason: 'no navigator.gpu' };
		await session.startRun();
		expect(session.engines.runsOn).toBe('compute');
		expect(session.engines.deviceText).toBe('No WebGPU, on the processor');
		expect(fakes.target.asked).toEqual([]);
		expect(session.run.player.transport).toBe('done');
		expect(session.steps.output.outputs[3]?.sampling.seed).toBe(SMALL.sampling.seed + 3);
	});

	it('runs held-out scoring with the same prompts before and after', async () => {
		const { session } = open();
		await session.startRun();
		const { evaluation } = session.steps;
		const ids = (step: number) => evaluation.resultAt('greedy', step)?.answers.map((a) => a.prompt.id);
		expect(ids(0)).toEqual(ids(8));
		const trained = new Set(session.steps.prompt.prompts.map((prompt) => prompt.id));
		expect(ids(0)?.some((id) => trained.has(id))).toBe(false);
	});
});

describe('stop, reload and resume', () => {
	it('keeps the answers of a run that was stopped while sampling, and asks only for the rest', async () => {
		const { session, fakes } = open();
		fakes.target.before = () => {
			if (fakes.target.asked.length === 5) session.run.player.stop();
		};
		await session.startRun();
		expect(session.run.player.transport).toBe('stopped');
		expect(session.steps.output.done).toBe(4);
		expect(session.steps.output.state).toBe('partial');
		fakes.target.before = () => undefined;
		await session.resume();
		expect(session.run.player.transport).toBe('done');
		expect(fakes.target.asked).toHaveLength(5 + 8);
	});

	it('offers an unfinished run after a reload, and resumes it', async () => {
		const store = new FakeStore();
		const first = open(createFakes(store));
		first.fakes.reviser.before = () => {
			if (first.fakes.reviser.asked === 6) first.session.run.player.stop();
		};
		await first.session.startRun();
		expect(first.session.run.phase).toBe('revising');

		const second = open(createFakes(store));
		await second.session.start();
		const offered = second.session.library.unfinished;
		expect(offered?.phase).toBe('revising');
		await second.session.open(offered?.id ?? '');
		expect(second.session.run.player.transport).toBe('stopped');
		expect(second.session.steps.output.done).toBe(12);
		await second.session.resume();
		expect(second.session.run.player.transport).toBe('done');
		expect(second.fakes.target.asked).toEqual([]);
		expect(second.fakes.reviser.asked).toBeLessThan(12);
	});

	it('resumes training from the last checkpoint, and forgets later measurements', async () => {
		const store = new FakeStore();
		const first = open(createFakes(store));
		first.fakes.compute.failAt = 7;
		first.fakes.compute.failWith = new AppError('It broke.', { code: 'unexpected' });
		await first.session.startRun();
		expect(first.session.run.player.transport).toBe('failed');
		expect(first.session.run.failure?.repair).toBe('from-checkpoint');
		expect(first.session.steps.loss.failure?.step).toBe(7);
		expect(first.session.run.failure?.kept).toContain('the adapter of step 4');

		const second = open(createFakes(store));
		await second.session.start();
		await second.session.open('run-1');
		expect(second.session.steps.loss.step).toBe(6);
		await second.session.resume();
		expect(second.session.run.player.transport).toBe('done');
		expect(second.fakes.compute.jobs[0]?.resume?.step).toBe(4);
		expect(second.session.steps.loss.history.map((metrics) => metrics.step)).toEqual([
			1, 2, 3, 4, 5, 6, 7, 8,
		]);
		expect(second.session.steps.adapter.checkpoints).toEqual([4, 8]);
	});

	it('scores the checkpoint that it resumes from, if it has no score yet', async () => {
		const { session, fakes } = open();
		const generate = fakes.compute.generate.bind(fakes.compute);
		fakes.compute.generate = (request, onReply, signal) => {
			const { adapter } = request;
			if (adapter !== null && !('runId' in adapter) && adapter.step === 4) session.run.player.stop();
			return generate(request, onReply, signal);
		};
		await session.startRun();
		expect(session.steps.evaluation.resultAt('greedy', 4)).toBeNull();
		// The trainer was a step ahead when the stop reached it; on disk is the checkpoint of step 4.
		session.steps.adapter.cutAfter(4);
		fakes.compute.generate = generate;
		await session.resume();
		expect(fakes.compute.jobs[1]?.resume?.step).toBe(4);
		expect(session.steps.evaluation.course.map((point) => point.step)).toEqual([0, 4, 8]);
	});

	it('pauses between two answers and resumes', async () => {
		const { session, fakes } = open();
		fakes.target.before = () => {
			if (fakes.target.asked.length === 3) session.run.player.pause();
		};
		const running = session.startRun();
		await until(() => session.steps.output.done === 3);
		expect(session.run.player.transport).toBe('paused');
		expect(fakes.target.asked).toHaveLength(3);
		void session.run.resume();
		await running;
		expect(session.run.player.transport).toBe('done');
	});

	it('pauses training, takes single steps, and resumes', async () => {
		const { session, fakes } = open();
		const running = session.startRun();
		await until(() => session.steps.loss.step >= 1);
		session.run.player.pause();
		await until(() => session.steps.loss.phase === 'paused');
		const at = session.steps.loss.step;
		expect(session.run.player.canStep).toBe(true);
		session.run.player.stepOnce();
		await until(() => session.steps.loss.step === at + 1);
		expect(session.run.player.transport).toBe('paused');
		void session.run.resume();
		await running;
		expect(session.run.player.transport).toBe('done');
		expect(fakes.compute.jobs).toHaveLength(1);
	});

	it('takes a single step requested while training waits for a score: first the score, then the step', async () => {
		const { session, fakes } = open();
		const store = fakes.store.writeCheckpoint.bind(fakes.store);
		fakes.store.writeCheckpoint = (...args) => {
			if (args[1].step === 4) session.run.player.pause();
			return store(...args);
		};
		const running = session.startRun();
		const { evaluation, loss } = session.steps;
		await until(() => evaluation.work?.step === 4);
		expect(evaluation.work?.done).toBe(0);
		session.run.player.stepOnce();
		await until(() => loss.step === 5 && loss.phase === 'paused');
		expect(evaluation.resultAt('greedy', 4)).not.toBeNull();
		void session.run.resume();
		await running;
		expect(session.run.player.transport).toBe('done');
	});

	it('stops training and keeps the adapter: it resumes from it', async () => {
		const { session, fakes } = open();
		const running = session.startRun();
		await until(() => session.steps.loss.step >= 2);
		session.run.player.stop(true);
		await running;
		expect(session.run.player.transport).toBe('stopped');
		const kept = session.steps.adapter.latestStep ?? 0;
		expect(kept).toBeGreaterThanOrEqual(2);
		await session.resume();
		expect(fakes.compute.jobs[1]?.resume?.step).toBe(kept);
		expect(session.run.player.transport).toBe('done');
	});

	it('stops training and discards it: answers, revisions and the score before stay', async () => {
		const { session } = open();
		const running = session.startRun();
		await until(() => session.steps.loss.step >= 2);
		session.run.player.stop(false);
		await running;
		expect(session.run.player.transport).toBe('stopped');
		expect(session.steps.adapter.checkpoints).toEqual([]);
		expect(session.steps.loss.step).toBe(0);
		expect(session.steps.revision.differing).toBe(12);
		expect(session.steps.evaluation.results.map((result) => result.step)).toEqual([0, 0]);
		await session.resume();
		expect(session.run.player.transport).toBe('done');
	});
});

describe('change one thing, run again', () => {
	it('reuses the rows of the unchanged parts of the recipe', async () => {
		const { session, fakes } = open();
		await session.startRun();
		const asked = fakes.target.asked.length;
		session.change();
		expect(session.editing).toBe(true);
		session.draft.set('objective', 'id', 'dpo');
		expect(session.draft.changes).toEqual([{ path: 'objective.id', from: 'apo_zero', to: 'dpo' }]);
		await session.startRun();
		expect(session.run.reused).toEqual(['outputs', 'revisions', 'held-out before']);
		expect(fakes.target.asked).toHaveLength(asked);
		expect(fakes.reviser.asked).toBe(12);
		expect(session.steps.loss.history).toHaveLength(8);
		expect(session.run.recipe.objective.id).toBe('dpo');
		expect(session.library.runs.map((run) => run.name)).toEqual(['Sunday', 'Sunday 2']);
	});

	it('keeps changes that did not run yet while a view is shown', async () => {
		const { session } = open();
		await session.startRun();
		session.change();
		session.draft.set('objective', 'beta', 0.5);
		session.show('loss');
		expect(session.editing).toBe(false);
		expect(session.recipe.objective.beta).toBe(1);
		session.change();
		expect(session.draft.changes).toEqual([{ path: 'objective.beta', from: 1, to: 0.5 }]);
	});

	it('samples again when the sampling changed', async () => {
		const { session, fakes } = open();
		await session.startRun();
		session.change();
		session.draft.set('sampling', 'temperature', 0.5);
		await session.startRun();
		expect(session.run.reused).toEqual(['held-out before']);
		expect(fakes.target.asked).toHaveLength(24);
	});
});

describe('the review', () => {
	it('waits for the user after revising, and trains on the decisions', async () => {
		const { session } = open();
		session.run.reviewFirst = true;
		await session.startRun();
		expect(session.run.player.transport).toBe('review');
		const [first, second] = session.steps.revision.rows;
		session.steps.revision.setAside(first?.id ?? '');
		session.steps.revision.edit(second?.id ?? '', 'My own words.');
		await session.resume();
		expect(session.run.player.transport).toBe('done');
		expect(session.steps.pair.pairs).toHaveLength(11);
		expect(session.steps.pair.pairs[0]).toMatchObject({ chosen: 'My own words.', edited: true });
	});
});
