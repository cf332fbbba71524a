import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readGrid } from '#core/grid/grid.ts';
import { readGridLine } from '#core/grid/line.ts';
import { gridLine } from '#core/grid/writeLine.ts';

const varied = (line: string) => readGrid(readGridLine(line)).vary;

test.each([
	['objective: apo_zero, apo_down; beta: 0.1, 1', undefined],
	['learningRate: 0.001, 0.004; method: clair, on_policy_judge', undefined],
	['rank: 1..3', undefined],
	['rank: 1, 2', undefined],
	['objective: 1 - sigma(r_w) + max(r_l, 0), dpo', undefined],
	// Names and numbers in the form that the page writes.
	['lr: 1e-3,4e-3', 'learningRate: 0.001, 0.004'],
	['rank: 1, 2, 3', 'rank: 1..3'],
])('%j is written again', (line, written = line) => {
	expect(gridLine(varied(line))).toBe(written);
});

test('any values survive being written as a line and read again', () => {
	const value = fc.oneof(
		fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
		fc.nat({ max: 2000 }),
		fc.string({ maxLength: 20 }),
		fc.constantFrom('a, b', 'max(r_w, 1)', ')(', '1..3', '12', '"', '\\', 'a;b', 'Infinity', '0x1', '{x'),
		fc.record({ id: fc.string(), weight: fc.nat() }),
		fc.array(fc.string(), { maxLength: 3 }),
	);
	fc.assert(
		fc.property(
			fc.uniqueArray(value, { minLength: 1, maxLength: 5, selector: (one) => JSON.stringify(one) }),
			(values) => {
				const line = gridLine([{ path: 'model', values }]);
				expect(readGridLine(line).vary['model']).toEqual(values);
			},
		),
	);
});
