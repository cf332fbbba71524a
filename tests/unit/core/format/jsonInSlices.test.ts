import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonInSlices } from '#core/format/jsonInSlices.ts';

const rows = (n: number) => Array.from({ length: n }, (_, id) => ({ id, text: `“${id}”\n` }));

test.each([0, 1, 999, 1000, 1001, 2500])('a list of %i rows has the text of JSON.stringify', async (n) => {
	const run = { name: 'a "run"', plan: null, origin: undefined, pairs: rows(n), recipe: { steps: 4 } };
	expect(await jsonInSlices(run)).toBe(JSON.stringify(run));
});

test('so has any object', async () => {
	await fc.assert(
		fc.asyncProperty(fc.object(), async (value) => {
			expect(await jsonInSlices(value)).toBe(JSON.stringify(value));
		}),
		{ seed: 1, numRuns: 200 },
	);
});

test('other tasks run between the parts of a long list', async () => {
	let isDone = false;
	let between = 0;
	const count = (): void => {
		if (isDone) return;
		between++;
		setImmediate(count);
	};
	setImmediate(count);
	await jsonInSlices({ pairs: rows(20_000) });
	isDone = true;
	expect(between).toBeGreaterThan(10);
});
