/**
 * Runs every target of the files *.fuzz.ts beside this one. `npm test` runs the short form, with a fixed seed;
 * `npm run test:fuzz` runs 12,000 inputs per target with a new seed, which it prints.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FuzzTarget } from './target.ts';

const RUNS = Number(process.env['ANCHORAGE_FUZZ_RUNS'] ?? 200);
const SEED = Number(process.env['ANCHORAGE_FUZZ_SEED'] ?? 1);
const ONLY = process.env['ANCHORAGE_FUZZ_ONLY'] ?? '';

const files = import.meta.glob<{ targets: readonly FuzzTarget[] }>('./*.fuzz.ts', { eager: true });
const subjects = Object.entries(files).map(([path, { targets }]) => ({
	subject: path.slice('./'.length, -'.fuzz.ts'.length),
	targets: targets.filter(({ name }) => name.includes(ONLY)),
}));

for (const { subject, targets } of subjects.filter((one) => one.targets.length > 0))
	describe(subject, () => {
		for (const { name, arbitrary, check } of targets)
			it(name, async () => {
				// The report of a failure holds the seed, the path and the smallest input that fails.
				await fc.assert(
					fc.asyncProperty(arbitrary, async (input) => {
						await check(input as never);
					}),
					{ numRuns: RUNS, seed: SEED },
				);
			});
	});

it('gives each target a name of its own', () => {
	const names = subjects.flatMap(({ targets }) => targets.map(({ name }) => name));
	expect(new Set(names).size).toBe(names.length);
});
