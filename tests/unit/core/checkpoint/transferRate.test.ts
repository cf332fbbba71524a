import { describe, expect, test } from 'vitest';
import { TransferRate } from '#core/checkpoint/transferRate.ts';

/** Bytes at a steady rate, ten times a second, over some seconds from `from` on. */
function steady(rate: TransferRate, bytesPerSecond: number, from: number, seconds: number): void {
	for (let i = 1; i <= seconds * 10; i++) rate.add(bytesPerSecond / 10, from + i * 100);
}

describe('a steady transfer', () => {
	test.each([1, 3, 20])('shows its rate and the time left after %d s', (seconds) => {
		const rate = new TransferRate(100_000_000, 0, 5000);
		steady(rate, 2_000_000, 5000, seconds);
		const { done, total, bytesPerSecond, secondsLeft } = rate.progress(5000 + seconds * 1000);
		expect([done, total]).toEqual([2_000_000 * seconds, 100_000_000]);
		// The bytes arrive at the end of each tenth of a second, so the average is up to 1 % high.
		expect(bytesPerSecond ?? 0).toBeGreaterThan(1_990_000);
		expect(bytesPerSecond ?? 0).toBeLessThan(2_030_000);
		expect(secondsLeft).toBeCloseTo((100_000_000 - 2_000_000 * seconds) / (bytesPerSecond ?? 1), 6);
	});

	test('has no rate in its first half second', () => {
		const rate = new TransferRate(1000, 0, 0);
		rate.add(500, 100);
		expect(rate.progress(200)).toEqual({ done: 500, total: 1000, bytesPerSecond: null, secondsLeft: null });
	});
});

test('a change of the rate shows by 63 % after five seconds', () => {
	const rate = new TransferRate(1e9, 0, 0);
	steady(rate, 1_000_000, 0, 60);
	steady(rate, 3_000_000, 60_000, 5);
	const expected = 1_000_000 + 2_000_000 * (1 - Math.exp(-1));
	expect((rate.progress(65_000).bytesPerSecond ?? 0) / expected).toBeCloseTo(1, 1);
});

test('while nothing arrives the rate falls, and the time left becomes unknown', () => {
	const rate = new TransferRate(1e9, 0, 0);
	steady(rate, 1_000_000, 0, 10);
	const before = rate.progress(10_000).bytesPerSecond ?? 0;
	expect((rate.progress(15_000).bytesPerSecond ?? 0) / before).toBeCloseTo(Math.exp(-1), 1);
	expect(rate.progress(120_000).secondsLeft).toBeNull();
});

test('kept bytes count as done, not for the rate', () => {
	const rate = new TransferRate(1000, 400, 0);
	rate.keep(100);
	expect(rate.progress(1000)).toEqual({ done: 500, total: 1000, bytesPerSecond: 0, secondsLeft: null });
});

test('dropped bytes are no longer done', () => {
	const rate = new TransferRate(1000, 0, 0);
	rate.add(600, 600);
	const before = rate.progress(1000).bytesPerSecond;
	rate.add(-600, 1000);
	expect(rate.progress(1000)).toMatchObject({ done: 0, bytesPerSecond: before });
});

test('a finished transfer has no time left, and a clock that goes back changes nothing', () => {
	const rate = new TransferRate(1000, 0, 1000);
	rate.add(1000, 3000);
	expect(rate.progress(2000)).toMatchObject({ done: 1000, secondsLeft: 0 });
});
