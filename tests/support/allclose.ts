/** Compares lists of numbers within `atol + rtol·|expected|`; the message shows the first mismatches. */
import { expect } from 'vitest';

export interface Tolerance {
	rtol?: number;
	atol?: number;
}

/** Mismatches shown; further ones are only counted. */
const SHOWN = 5;

/**
 * Fails unless every number is within `atol + rtol·|expected|` of its counterpart; NaN equals nothing.
 *
 * @param name of the compared values, for the message
 */
export function expectAllclose(
	actual: ArrayLike<number>,
	expected: ArrayLike<number>,
	{ rtol = 1e-5, atol = 1e-5 }: Tolerance = {},
	name = 'values',
): void {
	expect(actual.length, `${name}: length`).toBe(expected.length);
	const faults: string[] = [];
	let count = 0;
	for (let i = 0; i < expected.length; i++) {
		const got = actual[i] ?? NaN;
		const want = expected[i] ?? NaN;
		if (Math.abs(got - want) <= atol + rtol * Math.abs(want)) continue;
		count += 1;
		if (faults.length < SHOWN) faults.push(`[${i}] got ${got}, expected ${want}`);
	}
	expect(count, `${name}: ${count} of ${expected.length} differ: ${faults.join('; ')}`).toBe(0);
}

/** The largest magnitude, for tolerances relative to a whole tensor. */
export function largest(values: ArrayLike<number>): number {
	let most = 0;
	for (const value of Array.from(values)) most = Math.max(most, Math.abs(value));
	return most;
}
