/** Pairs that are read together, with the embedded model on the processor. */
import { expect, test } from 'vitest';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { SideLogps } from '#core/ports.ts';
import { anchorPorts } from '#tests/support/anchorPorts.ts';
import { preferencePair } from '#tests/support/preferencePair.ts';
import { randomAdapter } from '#tests/support/randomAdapter.ts';
import { readPair } from '#tests/support/readPair.ts';

const signal = new AbortController().signal;

/** Sides of many lengths, so that the pairs fill more than one pass; the third has nothing to read, the fourth is too long. */
const PAIRS: readonly PreferencePair[] = [
	preferencePair('short', 'What is 2 + 2?', '4', 'It is five.'),
	preferencePair('long', 'Name five animals.', 'cat, dog, '.repeat(10), 'goat, goat.'),
	preferencePair('empty', 'What is 3 + 3?', '', '6'),
	preferencePair('too long', 'one two three '.repeat(400), 'a', 'b'),
	...Array.from({ length: 6 }, (_, i) =>
		preferencePair(`more ${i}`, `What is ${i} + ${i}?`, 'word '.repeat(20 * i + 1), `${2 * i}`),
	),
];

test.each(['without an adapter', 'with one'])('equal those read alone, %s', async (name) => {
	const { ports, dispose } = anchorPorts();
	const [source] = await ports.catalogue.list();
	const compute = ports.newCompute();
	const config = await compute.load(source!, () => undefined, signal);
	const adapter = name === 'with one' ? randomAdapter(config, 4, 1, 0.1) : null;

	const together = await compute.tokenLogps(PAIRS, adapter);

	expect(together.map((one) => ('refused' in one ? one.refused.code : 'read'))).toEqual([
		...['read', 'read', 'chosen-empty', 'prompt-too-long'],
		...Array<string>(6).fill('read'),
	]);
	for (const [i, one] of together.entries()) {
		if ('refused' in one) continue;
		const alone = await readPair(compute, PAIRS[i]!, adapter);
		expectClose(one, alone);
	}
	await dispose();
});

function expectClose(a: SideLogps, b: SideLogps): void {
	for (const side of ['chosen', 'rejected'] as const) {
		expect(a[side].length).toBe(b[side].length);
		for (const [t, value] of a[side].entries()) expect(value).toBeCloseTo(b[side][t] ?? NaN, 4);
	}
}
