import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mainEffects } from '#core/grid/effects.ts';
import { effectCaption, effectNote } from '#core/grid/effectWords.ts';
import { measuredGrid } from '#tests/support/gridOutcomes.ts';

const TWO_BY_TWO = { vary: { objective: ['apo_zero', 'dpo'], beta: [0.1, 1], seed: '1..2' } };

const rounded = (value: number | undefined): number => Number(value?.toFixed(9));
const effectsOf = (effects: ReturnType<typeof mainEffects>) =>
	effects.map(({ id, values }) => [id, values.map(({ label, effect }) => [label, rounded(effect.score)])]);

describe('main effects', () => {
	/** 0.3 for the objective, 0.1 for β; seeds and prompts differ much more. */
	const additive = measuredGrid(TWO_BY_TWO, (cell, seed) =>
		[0, 1, 2, 3].map(
			(prompt) => (cell.startsWith('dpo') ? 0.3 : 0) + (cell.endsWith('beta 1') ? 0.1 : 0) + seed + prompt,
		),
	);

	test('are the distances from the mean of the setting, the largest setting first', () => {
		const effects = mainEffects(additive);
		expect(effectsOf(effects)).toEqual([
			[
				'objective',
				[
					['APO-zero', -0.15],
					['DPO', 0.15],
				],
			],
			[
				'objective.beta',
				[
					['0.1', -0.05],
					['1', 0.05],
				],
			],
		]);
		expect(effects.map(({ size }) => rounded(size))).toEqual([0.3, 0.1]);
		expect(effects.map(({ blocks }) => blocks)).toEqual([
			{ used: 2, planned: 2 },
			{ used: 2, planned: 2 },
		]);
	});

	test('are paired by seed and prompt: effects that are equal everywhere have no spread', () => {
		for (const { values } of mainEffects(additive))
			for (const { effect } of values) {
				expect(effect.low).toBeCloseTo(effect.score, 9);
				expect(effect.high).toBeCloseTo(effect.score, 9);
				expect(effect.n).toBe(4);
			}
	});

	test('that differ between combinations have an interval over them', () => {
		// DPO gains 0.4 at β = 1 and loses 0.2 at β = 0.1.
		const crossed = measuredGrid(TWO_BY_TWO, (cell) =>
			cell === 'dpo, beta 1' ? 0.4 : cell === 'dpo, beta 0.1' ? -0.2 : 0,
		);
		const [first] = mainEffects(crossed).filter(({ id }) => id === 'objective');
		const [, dpo] = first?.values ?? [];
		expect(rounded(dpo?.effect.score)).toBe(0.05);
		expect(rounded(dpo?.effect.low)).toBe(-0.1);
		expect(rounded(dpo?.effect.high)).toBe(0.2);
	});

	test('leave out combinations without a run, and say which cells lack runs', () => {
		const part = measuredGrid(TWO_BY_TWO, (cell, seed) => {
			if (cell === 'dpo, beta 1') return 'failed';
			if (cell === 'apo_zero, beta 0.1' && seed === 2) return null;
			return cell === 'dpo, beta 0.1' ? 0.2 : 0;
		});
		const effects = mainEffects(part);
		const [objective] = effects;
		expect(objective).toMatchObject({ id: 'objective', blocks: { used: 1, planned: 2 } });
		expect(rounded(objective?.size)).toBe(0.2);
		expect(objective?.incomplete).toEqual(['apo_zero, beta 0.1', 'dpo, beta 1']);
		expect(effectCaption(effects)).toContain('not balanced: “apo_zero, beta 0.1” and “dpo, beta 1” have');
		expect(effectNote(objective!)).toBe('in 1 of 2 combinations of the other settings');
	});

	test('of named cells hold their other settings, and of the name the varied ones', () => {
		const named = measuredGrid(
			{
				cells: {
					zero: { objective: 'apo_zero' },
					dpo: { objective: 'dpo' },
					'dpo slow': { objective: 'dpo', lr: 0.001 },
				},
				vary: { data: ['clair', 'stronger_preferred'], seed: [1] },
			},
			(cell) =>
				(cell.startsWith('dpo') ? 0.3 : 0) +
				(cell.includes('slow') ? 0.3 : 0) +
				(cell.endsWith('clair') ? 0.1 : 0),
		);
		expect(effectsOf(mainEffects(named))).toEqual([
			[
				'cell',
				[
					['zero', -0.3],
					['dpo', 0],
					['dpo slow', 0.3],
				],
			],
			// Only at the default rate: the slow cell has no counterpart.
			[
				'objective',
				[
					['APO-zero', -0.15],
					['DPO', 0.15],
				],
			],
			[
				'optimiser.learningRate',
				[
					['0.004', -0.15],
					['0.001', 0.15],
				],
			],
			[
				'pairs.method',
				[
					['CLAIR', 0.05],
					['stronger preferred', -0.05],
				],
			],
		]);
	});

	test('of named cells that differ in one setting are those of the setting', () => {
		const vary = { data: ['clair', 'stronger_preferred'], seed: [1] };
		const one = measuredGrid(
			{ cells: { a: { objective: 'apo_zero' }, b: { objective: 'dpo' } }, vary },
			() => 0.1,
		);
		expect(mainEffects(one).map(({ id }) => id)).toEqual(['objective', 'pairs.method']);
		const both = measuredGrid(
			{ cells: { a: { objective: 'apo_zero' }, b: { objective: 'dpo', beta: 2 } }, vary },
			() => 0.1,
		);
		expect(mainEffects(both).map(({ id }) => id)).toEqual(['cell', 'pairs.method']);
	});

	test('of a grid without results are none', () => {
		expect(mainEffects(measuredGrid(TWO_BY_TWO, () => null))).toEqual([]);
		expect(mainEffects(measuredGrid({ vary: { seed: '1..2' } }, () => 0.1))).toEqual([]);
	});

	test('of one setting sum to zero', () => {
		fc.assert(
			fc.property(
				fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }),
				(changes) => {
					let next = 0;
					const measured = measuredGrid(TWO_BY_TWO, () => changes[next++] ?? 0);
					for (const { values, size } of mainEffects(measured)) {
						const sum = values.reduce((total, { effect }) => total + effect.score, 0);
						if (Math.abs(sum) > 1e-9) throw new Error(`the effects sum to ${sum}`);
						for (const { effect } of values)
							if (effect.low > effect.high || Math.abs(effect.score) > size + 1e-9)
								throw new Error('out of range');
					}
				},
			),
			{ numRuns: 10, seed: 1 },
		);
	});
});
