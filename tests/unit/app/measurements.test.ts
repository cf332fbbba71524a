/** Measurements of a stored run: asked for by a button, cancelled, and without effect on the run. */
import { describe, expect, it, test } from 'vitest';
import { Measurement } from '#app/async/measurement.svelte.ts';
import { spanAt } from '#app/compare/measureSpan.ts';
import { Session } from '#app/session.svelte.ts';
import { AppError } from '#core/errors.ts';
import { meanAttribution } from '#core/loss/attribution.ts';
import { fallenPairs, restOf, spanSentences } from '#ui/views/loss/spanWords.ts';
import { harmNote, sortedPairs } from '#ui/views/loss/pairOrder.ts';
import { createFakes, FakeStore, SMALL } from '#tests/support/fakes.ts';

async function stored() {
	const store = new FakeStore();
	const first = new Session(createFakes(store).ports);
	first.draft.load(SMALL);
	await first.startRun();
	const fakes = createFakes(store);
	const session = new Session(fakes.ports);
	await session.open(first.run.id ?? '');
	return { session, fakes, store };
}

test.each([
	[37, 1, { from: 37, to: 37 }],
	[37, 10, { from: 28, to: 37 }],
	[4, 10, { from: 1, to: 4 }],
	[37, null, { from: 1, to: 37 }],
	[0, 1, { from: 1, to: 1 }],
] as const)('at step %d, a span of %s steps', (shown, length, span) => {
	expect(spanAt(shown, length)).toEqual(span);
});

describe('the account of a span', () => {
	it('starts from the nearest stored state, and leaves the run as it is', async () => {
		const { session, fakes } = await stored();
		const before = JSON.stringify(session.run.record());
		session.run.cursor.seek(6);
		await session.measurements.measureSpan(1);
		const { result, error } = session.measurements.span;
		expect(error).toBeNull();
		expect(fakes.compute.spans[0]).toMatchObject({ from: 6, to: 6, start: { step: 4 } });
		expect(fakes.compute.spans[0]?.probes).toContain(session.tracked.pairId);
		expect(result?.from).toBe(6);
		await session.measurements.measureSpan(null);
		expect(fakes.compute.spans[1]).toMatchObject({ from: 1, to: 6, start: null });
		expect(JSON.stringify(session.run.record())).toBe(before);
	});

	it('says in words what fell, and why', async () => {
		const { session } = await stored();
		await session.measurements.measureSpan(1);
		const { result } = session.measurements.span;
		const mean = meanAttribution(result?.pairs ?? []);
		if (result === null || mean === null) throw new Error('nothing measured');
		expect(spanSentences(result, mean.chosen).join(' ')).toMatch(
			/Over step 8, log π of the chosen answers fell by 1\.00 nats.*own term raised it by 1\.00.*rejected answers lowered it by 2\.00/,
		);
		expect(restOf(mean.chosen)).toBe(0);
		const fallen = fallenPairs(result.pairs, session.steps.pair.pairs);
		expect(fallen).toHaveLength(result.pairs.length);
		expect(fallen[0]?.number).toBeGreaterThan(0);
		expect(meanAttribution([])).toBeNull();
	});
});

describe('the list of pairs', () => {
	it('has the most harmful first, measured against held-out answers and their revisions', async () => {
		const { session } = await stored();
		await session.measurements.measureHarm();
		const { result } = session.measurements.harm;
		expect(result?.source).toBe('revised');
		const effects = result?.pairs.map(({ effect }) => effect ?? 0) ?? [];
		expect(effects).toEqual(effects.toSorted((a, b) => b - a));
		expect(sortedPairs(result?.pairs ?? [], 'loss')).toHaveLength(effects.length);
		if (result !== null) expect(harmNote(result)).toContain('An approximation');
	});

	it('leaves excluded pairs out of the next run, which reuses the rest', async () => {
		const { session, fakes } = await stored();
		const [first] = session.steps.pair.pairs;
		const all = session.steps.pair.pairs.length;
		session.change();
		session.draft.set('pairs', 'exclude', [first?.id ?? '']);
		expect(session.draft.changes.map(({ path }) => path)).toEqual(['pairs.exclude']);
		await session.startRun();
		expect(session.run.failure).toBeNull();
		expect(fakes.compute.jobs.at(-1)?.pairs).toHaveLength(all - 1);
		expect(session.steps.pair.pairs.map(({ id }) => id)).not.toContain(first?.id);
		session.change();
		session.draft.set('pairs', 'exclude', undefined);
		expect(session.draft.problem).toBeNull();
	});
});

it('follows one pair over the stored adapters', async () => {
	const { session } = await stored();
	await session.measurements.measureCourse();
	const { result } = session.measurements.course;
	expect(result?.pairId).toBe(session.tracked.pairId);
	expect(result?.points.map(({ step }) => step)).toEqual([0, 4, 8]);
});

describe('the credit of a set', () => {
	it('is measured over all pairs with the adapter of the cursor', async () => {
		const { session } = await stored();
		await session.measurements.measureCredit();
		const { result, error } = session.measurements.credit;
		expect(error).toBeNull();
		expect(result).toMatchObject({ step: 8, leftOut: 0 });
		expect(result?.share.pairs).toBe(session.steps.pair.pairs.length);
	});

	it('can be cancelled, and another run ends it', async () => {
		const { session } = await stored();
		const measuring = session.measurements.measureCredit();
		const { credit } = session.measurements;
		expect(credit.running).toBe(true);
		credit.cancel();
		await measuring;
		expect([credit.running, credit.result, credit.error]).toEqual([false, null, null]);
	});
});

describe('a measurement', () => {
	it('that fails says why, and a newer one replaces an older', async () => {
		const one = new Measurement<number>();
		await one.measure(() => Promise.reject(new AppError('It broke.', { code: 'broke' })));
		expect(one.error?.message).toBe('It broke.');
		let end: (value: number) => void = () => undefined;
		const first = one.measure(() => new Promise<number>((resolve) => (end = resolve)));
		await one.measure((_, onProgress) => {
			onProgress({ phase: 'x', done: 1, total: 1 });
			return Promise.resolve(2);
		});
		end(1);
		await first;
		expect([one.result, one.error, one.running]).toEqual([2, null, false]);
	});
});
