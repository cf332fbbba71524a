/** The logic of the view of grids: words, keys, values and scales. */
import { describe, expect, test } from 'vitest';
import { checkedCells, gridCells } from '#core/grid/cells.ts';
import type { RunCurves } from '#core/grid/curves.ts';
import { readGrid } from '#core/grid/grid.ts';
import { readGridLine } from '#core/grid/line.ts';
import { OBJECTIVE, SEED, SETTING_PATHS } from '#core/grid/setting.ts';
import { AppError, asAppError, toWire } from '#core/errors.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { cellLabels } from '#core/grid/cellLabels.ts';
import { GRID_PRESETS, presetGrid } from '#ui/grid/define/presets.ts';
import { cellsInWords, sharedFaults, sizeOf } from '#ui/grid/define/planWords.ts';
import { inPageWords } from '#ui/grid/pageWords.ts';
import {
	settingName,
	settingTyped,
	typedValues,
	valueNow,
	valueWords,
} from '#ui/grid/define/settingValues.ts';
import { costSentence, gridSentence } from '#ui/grid/gridStatus.ts';
import { cellKey, nextCell } from '#ui/grid/watch/cellKeys.ts';
import { cellState } from '#ui/grid/watch/cellWords.ts';
import { needOwnScales } from '#core/grid/panelScale.ts';
import { tickLabels } from '#ui/charts/ticks.ts';
import { curvePoints, sharedTicks } from '#ui/grid/watch/curveScale.ts';

describe('settings', () => {
	test('every setting has its own name on the page', () => {
		const names = SETTING_PATHS.map(settingName);
		expect(new Set(names).size).toBe(names.length);
	});

	test.each([
		['Data method', 'pairs.method'],
		['lr', 'optimiser.learningRate'],
		['β', 'objective.beta'],
		['seeds', SEED],
	])('“%s” is found', (typed, path) => expect(settingTyped(typed)).toBe(path));

	test('an unknown name is answered with the nearest one', () => {
		expect(() => settingTyped('betta')).toThrow(/betta/);
	});

	test.each([
		['objective.beta', '0.1, 1', [0.1, 1]],
		[SEED, '1..3', [1, 2, 3]],
		['optimiser.schedule', 'linear', ['linear']],
	])('%s takes “%s”', (path, text, values) => expect(typedValues(path, text)).toEqual(values));

	test.each([
		['objective.beta', '0', 'a number between 0.000001'],
		['lora.rank', '1.5', 'a whole number between 1 and 256'],
		['objective.beta', '1,,2', 'A value is missing'],
		[SEED, '3..1', 'has no numbers'],
	])('%s refuses “%s” and says why', (path, text, why) => {
		let refused = '';
		try {
			typedValues(path, text);
		} catch (error) {
			const { message, hint } = asAppError(error);
			refused = `${message} ${hint}`;
		}
		expect(refused).toContain(why);
		expect(refused).not.toContain('Column');
	});

	test('values have the names of the page', () => {
		expect(valueWords(OBJECTIVE, 'apo_zero')).toBe('APO-zero');
		expect(valueWords('pairs.method', 'clair')).toBe('CLAIR');
		expect(valueWords(OBJECTIVE, 'r_w - r_l')).toBe('r_w - r_l');
		expect(valueWords('optimiser.learningRate', 0.004)).toBe('0.004');
	});

	test('a new row starts with the value of the recipe', () => {
		expect(valueNow(DEFAULT_RECIPE, OBJECTIVE)).toBe(DEFAULT_RECIPE.objective.id);
		expect(valueNow(DEFAULT_RECIPE, SEED)).toBe(DEFAULT_RECIPE.training.seed);
		const formula = { id: 'formula', beta: 1, formula: 'r_l - r_w' };
		expect(valueNow({ ...DEFAULT_RECIPE, objective: formula }, OBJECTIVE)).toBe('r_l - r_w');
	});

	test.each(GRID_PRESETS.map((preset) => [preset.title, preset] as const))('“%s” is a grid', (_, preset) => {
		expect(gridCells(presetGrid(preset)).length).toBeGreaterThan(1);
	});
});

test('cells that cannot run for one reason are named together', () => {
	const { faults } = checkedCells(
		readGrid(readGridLine('objective: apo_zero, dpo; beta: 0.1, -1; data: clair, on_policy_judge; seed: 1')),
	);
	expect(sharedFaults(faults)).toEqual([
		{
			cells: [
				'APO-zero, β -1, CLAIR',
				'APO-zero, β -1, on-policy judge',
				'DPO, β -1, CLAIR',
				'DPO, β -1, on-policy judge',
			],
			reason: expect.stringMatching(/^The recipe's β is not usable: choose a number/) as string,
		},
	]);
	const idle = checkedCells(readGrid(readGridLine('data: clair, on_policy_judge; judge.noise: 0, 1')));
	expect(sharedFaults(idle.faults)).toMatchObject([
		{
			cells: ['CLAIR, noise 0', 'CLAIR, noise 1'],
			reason: expect.not.stringContaining('judge.noise') as string,
		},
	]);
	const labels = new Map([['dpo, beta 1', 'DPO, β 1']]);
	expect(inPageWords('It is the same as “dpo, beta 1” and “x”.', labels)).toBe(
		'It is the same as “DPO, β 1” and “x”.',
	);
	expect(cellsInWords(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('The cells “a”, “b”, “c”, “d” and 2 more');
});

describe('the state of a cell', () => {
	const run = (seed: number, status: 'waiting' | 'running' | 'done' | 'failed' | 'paused' | 'stopped') => ({
		...{ seed, status, phase: 'training · step 31 of 100', step: 31, steps: 100 },
		error: status === 'failed' ? toWire(new AppError('The loss is not a number.', { code: 'x' })) : null,
	});
	test.each([
		['waiting', [run(1, 'waiting'), run(2, 'waiting')], 'waiting'],
		['running', [run(1, 'done'), run(2, 'running')], 'seed 2: training · step 31 of 100'],
		['running', [run(1, 'running'), run(2, 'running')], 'seed 1: training · step 31 of 100, and 1 more'],
		['partly done', [run(1, 'done'), run(2, 'waiting')], '1 of 2 seeds done'],
		['done', [run(1, 'done'), run(2, 'done')], '2 seeds done'],
		['paused', [run(1, 'done'), run(2, 'paused')], 'seed 2 paused at step 31 of 100'],
		['stopped', [run(1, 'stopped'), run(2, 'done')], 'seed 1 stopped at step 31 of 100'],
		['failed', [run(1, 'failed'), run(2, 'running')], 'seed 1 failed: The loss is not a number.'],
	])('%s', (_, runs, text) => expect(cellState(runs).text).toBe(text));
});

describe('the grid in a sentence', () => {
	const estimate = {
		...{ cells: 2, runs: 4, seconds: 600, pace: 'measured' as const, bytes: 2e9, atOnce: 2, shared: {} },
	};
	test('before the start it says time and memory', () => {
		expect(costSentence(estimate)).toBe(
			'About 10 minutes here, by the pace of this machine. 2 runs at once take 2.0 GB.',
		);
		expect(costSentence({ ...estimate, seconds: null, pace: null, bytes: null })).toBe(
			'How long it takes here is known after the first run.',
		);
	});

	test('a paused grid names what is done and what failed', () => {
		const runs = ['done', 'done', 'failed', 'paused'].map((status) => ({ status }));
		expect(gridSentence({ state: 'paused', runs, estimate })).toContain('2 runs done and 1 failed');
	});

	test.each([
		[['done', 'paused', 'waiting'], 'Paused; 1 run done. It continues at the step where it paused.'],
		[['done', 'waiting', 'waiting'], 'Paused; 1 run done. Continue starts 2 runs.'],
		[['waiting', 'waiting'], 'No run has started. Continue starts 2 runs.'],
	])('of a grid that rests with %j', (all, sentence) => {
		expect(gridSentence({ state: 'paused', runs: all.map((status) => ({ status })), estimate })).toBe(
			sentence,
		);
	});
});

describe('keys', () => {
	// Two rows of three, and a last one.
	const tops = [0, 0, 0, 90, 90, 90, 180];
	test.each([
		['ArrowRight', 0, 1],
		['ArrowDown', 1, 4],
		['ArrowDown', 5, 5],
		['ArrowUp', 4, 1],
		['ArrowLeft', 0, 0],
		['End', 0, 6],
		['Home', 5, 0],
		['a', 1, null],
		['toString', 1, null],
	])('%s from %i leads to %s', (key, at, to) => expect(nextCell(key, at, tops)).toBe(to));

	test('letters act on the cell', () => {
		expect(['x', 'C', '+', 'q'].map(cellKey)).toEqual(['stop', 'clone', 'seeds', null]);
	});
});

test('cells are named in the words of the page, and numbers with their setting', () => {
	const grid = readGrid(readGridLine('data: clair, stronger_preferred; rank: 2, 8; seed: 1..2'));
	expect([...cellLabels(grid, gridCells(grid)).values()]).toEqual([
		'CLAIR, rank 2',
		'CLAIR, rank 8',
		'stronger preferred, rank 2',
		'stronger preferred, rank 8',
	]);
});

describe('the small charts', () => {
	const curves = (margins: readonly number[], scores: readonly number[] = []): RunCurves => ({
		steps: margins.map((_, i) => i + 1),
		values: {
			...{ loss: margins, 'rewards/chosen': margins, 'rewards/rejected': margins },
			...{ 'rewards/margins': margins, 'rewards/accuracies': margins },
		},
		scores: scores.map((score, i) => ({ step: 10 * i, score })),
	});

	test('share one scale that holds every value', () => {
		const ticks = sharedTicks([curves([0, 1.2]), curves([-0.4, 3.7]), curves([])], 'rewards/margins');
		expect(ticks[0]).toBeLessThanOrEqual(-0.4);
		expect(ticks.at(-1)).toBeGreaterThanOrEqual(3.7);
		expect(ticks.length).toBeLessThanOrEqual(4);
	});

	test.each([
		[
			'alike',
			[
				[0, 10],
				[-2, 8],
				[1, 9],
			],
			false,
		],
		[
			'one among flat ones',
			[
				[0, 1],
				[-50, 100],
				[0, 8],
			],
			true,
		],
		[
			'half of them flat',
			[
				[0, 1],
				[0, 9],
				[0, 10],
				[0, 1],
			],
			true,
		],
		['alone', [[0, 1]], false],
		['none', [], false],
	] as const)('have scales of their own if most would look flat on one: %s', (_, panels, own) => {
		expect(needOwnScales(panels)).toBe(own);
	});

	test('values of rounding size have a scale that shows them as none', () => {
		const ticks = sharedTicks([curves([0, -2e-6, 1e-6])], 'rewards/margins');
		expect(ticks).toEqual([-0.01, 0, 0.01]);
		expect(tickLabels(ticks)).toEqual(['−0.01', '0.00', '0.01']);
		const loss = sharedTicks([curves([0.693147, 0.693148])], 'loss');
		expect(loss.at(-1)! - loss[0]!).toBeGreaterThanOrEqual(0.02);
	});

	test('have no scale without values', () => expect(sharedTicks([curves([])], 'loss')).toEqual([]));

	test('leave out values that are no numbers', () => {
		const points = curvePoints(curves([0, NaN, 2]), 'loss', { low: 0, high: 2, steps: 3 });
		expect(points).toBe('80.0,96.0 240.0,0.0');
	});
});

test('the size of a recipe in words', () => {
	const size = { prompts: { count: 300 }, evaluation: { count: 96 }, training: { steps: 60 } };
	expect(sizeOf([size as never])).toBe('300 prompts, 96 held-out prompts and 60 steps');
	const small = { ...size, prompts: { count: 8 }, training: { steps: 1 } };
	expect(sizeOf([size, small] as never)).toBe('8 to 300 prompts, 96 held-out prompts and 1 to 60 steps');
});

test('cells have the words of their settings', () => {
	const grid = readGrid({ schema: 1, vary: { objective: ['apo_zero', 'dpo'], beta: [0.1, 1] } });
	expect([...cellLabels(grid, gridCells(grid)).values()][0]).toBe('APO-zero, β 0.1');
});
