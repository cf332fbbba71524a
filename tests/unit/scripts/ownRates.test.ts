import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readGrid } from '#core/grid/grid.ts';
import { gridRuns, planSharing } from '#core/grid/runs.ts';
import { failedOutcome, measuredGrid } from '#tests/support/gridOutcomes.ts';
import { ownRates, withOwnRates } from '../../../scripts/ablate/own-rates.mjs';

const RATES = { vary: { objective: ['sft', 'dpo'], lr: [0.0005, 0.004], seed: [11] } };

function results(scores: Readonly<Record<string, number | 'failed'>>) {
	const { cells, outcomes } = measuredGrid(RATES, () => 0.1);
	const runs = outcomes.map((outcome) => {
		const score = scores[outcome.cell];
		if (score === 'failed' || score === undefined || outcome.figures === null)
			return failedOutcome(outcome.cell, outcome.seed);
		const { greedy } = outcome.figures;
		return {
			...outcome,
			figures: { ...outcome.figures, greedy: { ...greedy, after: { ...greedy.after, score } } },
		};
	});
	return { cells, runs };
}

test('the own rate has the best score; of equal ones the smaller, and failed runs do not count', () => {
	const scores = {
		'sft, learningRate 0.0005': 0.7,
		'sft, learningRate 0.004': 0.7,
		'dpo, learningRate 0.0005': 'failed',
		'dpo, learningRate 0.004': 0.2,
	} as const;
	expect([...ownRates(results(scores))]).toEqual([
		['sft', 0.0005],
		['dpo', 0.004],
	]);
});

test('the rule waits for all runs', () => {
	const { cells, runs } = results({});
	expect(() => ownRates({ cells, runs: runs.slice(1) })).toThrow('has no outcome yet');
});

test('a table gets a cell per own rate that is not the default, and its comparisons', () => {
	const table = {
		schema: 1,
		vary: { data: ['clair', 'stronger_preferred'], seed: '1..3' },
		cells: { SFT: { objective: 'sft' }, DPO: { objective: 'dpo' } },
		compare: [
			['DPO, clair', 'SFT, clair'],
			['DPO, clair', 'DPO, stronger_preferred'],
		] as [string, string][],
	};
	const rates = new Map([
		['sft', 0.0005],
		['dpo', 0.004],
	]);
	const whole = withOwnRates(table, rates, 0.004);
	expect(Object.keys(whole.cells)).toEqual(['SFT', 'DPO', 'SFT, own rate']);
	expect(whole.compare.slice(2)).toEqual([['DPO, clair', 'SFT, own rate, clair']]);
	expect(gridRuns(readGrid(whole))).toHaveLength(18);
});

test('the runs of the miniature share their data and the base’s scores', () => {
	const grid = readGrid(JSON.parse(readFileSync('docs/grids/paper.json', 'utf8')));
	const planned = planSharing(gridRuns(grid));
	expect(planned.length % (4 * 3)).toBe(0);
	const [, ...others] = planned;
	expect(others.every(({ shares }) => shares['held-out before'] !== undefined)).toBe(true);
	// Beyond the first objective, no seed makes its data again.
	const later = planned.filter(({ run }) => run.cell.startsWith('DPO'));
	for (const { run, shares } of later) {
		const method = run.recipe.pairs.method;
		const kind =
			method === 'clair' ? 'revisions' : method === 'stronger_preferred' ? 'answers' : 'judgements';
		expect(shares[kind]).toBeDefined();
	}
});
