/** The cursor over a run's steps: every view shows the same step, from what was measured up to it. */
import { describe, expect, it, test } from 'vitest';
import { StepCursor } from '#app/run/stepCursor.svelte.ts';
import { Session } from '#app/session.svelte.ts';
import { readNorms, storedNorms } from '#app/steps/adapterNorms.ts';
import { momentAt } from '#app/steps/trainingMoment.ts';
import { TrainingHistory } from '#app/steps/trainingHistory.ts';
import { scrubberNote } from '#ui/frame/scrubber.ts';
import { fakeMetrics } from '#tests/support/fakeCompute.ts';
import { createFakes, FakeClock, FakeStore, ManualFrames, SMALL } from '#tests/support/fakes.ts';

const point = (pairId: string, step: number) => ({ pairId, step, chosen: step / 10, rejected: -step / 10 });

describe('a moment of the training', () => {
	const history = TrainingHistory.of(
		[1, 2, 3, 4].map((step) => fakeMetrics(step)),
		[point('a', 1), point('b', 2), point('a', 3), point('b', 4), point('c', 4)],
	);

	it('shows each pair where it was last measured, and at the start before', () => {
		const { positions, batch } = momentAt(history, 2);
		expect(positions.get('a')).toMatchObject({ step: 3, chosen: 0.3 });
		expect(positions.get('b')).toMatchObject({ step: 2, chosen: 0.2 });
		expect(positions.get('c')).toMatchObject({ step: 0, chosen: 0, rejected: 0 });
		expect(batch.map(({ pairId }) => pairId)).toEqual(['a']);
	});

	it('cuts the courses', () => {
		expect(momentAt(history, 2).courseOf('a')).toEqual({
			updates: [0, 2],
			chosen: [0, 0.3],
			rejected: [0, -0.3],
		});
		expect(momentAt(history, 1).courseOf('a')?.updates).toEqual([0]);
		expect(momentAt(history, 0).courseOf('x')).toBeNull();
	});

	it('at its end equals the newest', () => {
		const { positions, batch } = momentAt(history, 4);
		expect(new Map([...positions].sort())).toEqual(new Map([...history.positions].sort()));
		expect(batch).toEqual(history.batch);
	});

	it('of a run without steps is empty', () => {
		const empty = momentAt(new TrainingHistory(), 3);
		expect([empty.positions.size, empty.batch.length]).toEqual([0, 0]);
	});
});

/** A finished run, opened from the store as after a reload. */
async function stored() {
	const store = new FakeStore();
	const first = new Session(createFakes(store).ports);
	first.draft.load(SMALL);
	await first.startRun();
	const session = new Session(createFakes(store).ports);
	await session.open(first.run.id ?? '');
	return { session, store };
}

describe('the cursor of a stored run', () => {
	it('moves the plane, the answers and the adapter together', async () => {
		const { session } = await stored();
		const { cursor, steps } = session.run;
		const newest = session.tracked.rewards;
		cursor.seek(5);
		expect(cursor.shown).toBe(5);
		expect([...cursor.training.positions.values()].every(({ step }) => step <= 6)).toBe(true);
		expect(cursor.answers[0]?.answers.map(({ step }) => step)).toEqual([0, 4]);
		await expect.poll(() => steps.adapter.norms?.step).toBe(4);
		expect([cursor.norms?.step, cursor.adapterStep]).toEqual([4, 4]);
		expect((await session.run.currentAdapter())?.step).toBe(4);
		expect(scrubberNote(cursor)).toBe('answers and adapter of step 4');
		cursor.seek(null);
		await expect.poll(() => steps.adapter.norms?.step).toBe(8);
		expect(session.tracked.rewards).toEqual(newest);
	});

	it('before the first checkpoint answers with the base model', async () => {
		const { session } = await stored();
		const { cursor } = session.run;
		cursor.seek(2);
		expect(await session.run.currentAdapter()).toBeNull();
		await expect.poll(() => session.steps.adapter.norms).toBeNull();
		expect(scrubberNote(cursor)).toBe('answers of step 0, adapter not stored yet');
	});

	it('shows the step under the pointer, then the chosen one again', async () => {
		const { session } = await stored();
		const { cursor } = session.run;
		cursor.seek(7);
		cursor.point(3);
		expect([cursor.shown, session.steps.adapter.selectedStep]).toEqual([3, 4]);
		cursor.point(null);
		expect(cursor.shown).toBe(7);
		cursor.move(100);
		expect(cursor.step).toBeNull();
		cursor.move(-100);
		expect(cursor.step).toBe(0);
	});

	it('leaves the stored run as it is', async () => {
		const { session } = await stored();
		const before = JSON.stringify(session.run.record());
		session.run.cursor.seek(3);
		expect(JSON.stringify(session.run.record())).toBe(before);
	});
});

test('playing goes from the start to the newest at the chosen pace, and stops there', async () => {
	const { session } = await stored();
	const frames = new ManualFrames();
	const clock = new FakeClock();
	const cursor = new StepCursor(session.steps, { clock, frame: frames.frame });
	cursor.play();
	expect([cursor.playing, cursor.shown]).toEqual([true, 0]);
	const seen = new Set<number>();
	for (let i = 0; i < 500 && cursor.playing; i++) {
		seen.add(cursor.shown);
		clock.time += 400;
		frames.paint();
	}
	// 8 steps in 20 seconds: no step is left out at 0.4 seconds a frame.
	expect([...seen]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
	expect([cursor.playing, cursor.step]).toEqual([false, null]);
	cursor.toggle();
	cursor.toggle();
	frames.paint();
	expect([cursor.playing, cursor.shown]).toEqual([false, 0]);
});

test('the norms of a run are stored in few bytes and read back', async () => {
	const { session } = await stored();
	const { norms } = session.run.record() ?? {};
	expect(norms?.map(({ step }) => step)).toEqual([4, 8]);
	for (const one of norms ?? []) expect(storedNorms(readNorms(one))).toEqual(one);
	expect(readNorms({ step: 1, layers: [0], modules: ['q_proj', 'k_proj'], norms: [2, 1] }).modules).toEqual([
		{ layer: 0, module: 'q_proj', norm: 2, relative: 1 },
	]);
});
