/** The checks of a run as the page makes them. */
import { describe, expect, it } from 'vitest';
import { CHECK_TEXTS, outcomeWords } from '#app/run/checks/words.ts';
import { Session } from '#app/session.svelte.ts';
import { CHECK_IDS, type CheckOutcome } from '#core/checks/check.ts';
import { AppError } from '#core/errors.ts';
import { createFakes, SMALL } from '#tests/support/fakes.ts';
import { fakeAdapter } from '#tests/support/fakeCompute.ts';

async function trained() {
	const fakes = createFakes();
	fakes.target.learns = false;
	const session = new Session(fakes.ports);
	session.draft.load(SMALL);
	await session.start();
	await session.startRun();
	return { session, fakes };
}

describe('a check', () => {
	it('uses the run’s recipe and pairs, and changes nothing of the run', async () => {
		const { session, fakes } = await trained();
		const before = JSON.stringify(session.run.record());
		await session.run.checks.make('overfit');
		expect(session.run.checks.states.get('overfit')).toMatchObject({
			state: 'done',
			outcome: { passed: true, learned: 8 },
		});
		expect(fakes.compute.checks).toEqual([
			{ check: 'overfit', recipe: SMALL, pairs: session.steps.pair.pairs },
		]);
		expect(JSON.stringify(session.run.record())).toBe(before);
	});

	it('of a later round works on base + parent', async () => {
		const { session, fakes } = await trained();
		await session.anotherRound();
		await session.startRun();
		await session.run.checks.make('gradient');
		expect(fakes.compute.checks[0]).toMatchObject({ check: 'gradient', begin: fakeAdapter(8) });
	});

	it('is one at a time, shows its progress, and can be cancelled', async () => {
		const { session, fakes } = await trained();
		const { checks } = session.run;
		let release = (): void => undefined;
		fakes.compute.beforeCheck = () => new Promise((resolve) => (release = resolve));
		const first = checks.make('gradient');
		while (fakes.compute.checks.length === 0) await Promise.resolve();
		await checks.make('overfit');
		expect(fakes.compute.checks).toHaveLength(1);
		expect(checks.working).toBe('gradient');
		expect(checks.states.get('gradient')).toMatchObject({ progress: { done: 1, total: 2 } });
		checks.cancel();
		release();
		await first;
		expect(checks.states.size).toBe(0);
	});

	it('that cannot be made says why, and the next one can', async () => {
		const { session, fakes } = await trained();
		const { checks } = session.run;
		fakes.compute.checkError = new AppError('There is no pair to check with.', { code: 'check-no-pairs' });
		await checks.make('step-zero');
		expect(checks.states.get('step-zero')).toMatchObject({
			state: 'failed',
			error: { code: 'check-no-pairs' },
		});
		fakes.compute.checkError = null;
		await checks.make('step-zero');
		expect(checks.states.get('step-zero')).toMatchObject({ state: 'done' });
	});

	it('is not made without pairs', async () => {
		const session = new Session(createFakes().ports);
		await session.start();
		expect(session.run.checks.obstacle).toBe('The checks need the run’s pairs.');
		await session.run.checks.make('overfit');
		expect(session.run.checks.states.size).toBe(0);
	});
});

describe('the words of a result', () => {
	const direction = { part: 'q_proj A', gradient: 1, measured: -1, passed: false };
	it.each<[CheckOutcome, string]>([
		[
			{ check: 'step-zero', passed: true, pairs: 8, loss: 1.0000001, expectedLoss: 1, margin: 0 },
			'Loss 1, must be 1; margin 0, must be 0. 8 pairs, 1.5 s.',
		],
		[
			{ check: 'adapter-off', passed: true, pairs: 4, differing: 0, completions: 16, largest: 0, moved: 2.5 },
			'All 16 comparisons are equal bit for bit; with the adapter on, answers changed by up to 2.5 nats. 4 pairs, 1.5 s.',
		],
		[
			{ check: 'gradient', passed: false, pairs: 2, directions: [direction], largest: 2, tolerance: 0.02 },
			'1 of 1 directions differ, by up to 200% (2% are allowed, because log-probabilities are rounded to 32 bits): q_proj A. 2 pairs, 1.5 s.',
		],
		[
			{ check: 'overfit', passed: false, pairs: 8, learned: 3, steps: 100, lossBefore: 1, lossAfter: 0.75 },
			'3 of 8 pairs learned after 100 steps; the loss went from 1 to 0.75. 1.5 s.',
		],
	])('%j', (outcome, words) => expect(outcomeWords(outcome, 1.5)).toBe(words));

	it('every check says its work, its time and the meaning of a failure', () => {
		expect(CHECK_TEXTS.map(({ id }) => id)).toEqual([...CHECK_IDS]);
		for (const { does, takes, meaning } of CHECK_TEXTS)
			for (const text of [does, takes, meaning]) expect(text).toMatch(/^[A-Z].*\.$/);
	});
});
