import fc from 'fast-check';
import { test } from 'vitest';
import { targets } from '../fuzz/rows.fuzz.ts';
test.each(targets)('$name', async ({ arbitrary, check }) => {
	await fc.assert(fc.asyncProperty(arbitrary, async (input) => { await check(input as never); }), { numRuns: Number(process.env.RUNS ?? 2000) });
}, 300000);
