/** Writes to a store, one at a time and not too often. */
import { expect, it } from 'vitest';
import { WriteQueue } from '#app/run/writeQueue.ts';
import { settle } from '#tests/support/fakeCompute.ts';

/** A clock that changes only when it is set. */
const still = () => ({ time: 0, now: () => still.time, date: () => '' });
still.time = 0;

it('writes one at a time and merges changes in the meantime into one more write', async () => {
	const releases: (() => void)[] = [];
	let writes = 0;
	still.time = 0;
	const saver = new WriteQueue(still(), () => {
		writes++;
		return new Promise((resolve) => releases.push(resolve));
	});
	const first = saver.save();
	const second = saver.save();
	const third = saver.save();
	expect(writes).toBe(1);
	releases[0]?.();
	await first;
	await settle();
	expect(writes).toBe(2);
	releases[1]?.();
	await Promise.all([second, third]);
	expect(writes).toBe(2);
	saver.sometimes();
	expect(writes).toBe(2);
	still.time = 600;
	saver.sometimes();
	expect(writes).toBe(3);
});

it.each([
	[0, 500],
	[100, 2000],
	[9000, 5000],
])('after a write of %i ms pauses for %i ms', async (took, pause) => {
	still.time = 0;
	let writes = 0;
	const saver = new WriteQueue(still(), () => {
		writes++;
		still.time += took;
		return Promise.resolve();
	});
	await saver.save();
	still.time = Math.max(took, pause) - 1;
	saver.sometimes();
	expect(writes).toBe(took < pause ? 1 : 2);
	still.time = Math.max(took, pause);
	saver.sometimes();
	expect(writes).toBe(2);
});
