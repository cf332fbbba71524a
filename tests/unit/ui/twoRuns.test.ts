/** Words, curves and order of two runs beside each other. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_RECIPE, withSeed, type Recipe } from '#core/recipe/recipe.ts';
import type { CommonAnswers } from '#core/evaluation/twoRuns.ts';
import { valueAt } from '#ui/charts/series.ts';
import { arrangeAnswers } from '#ui/twoRuns/answerOrder.ts';
import { metricSeries, scoreSeries } from '#ui/twoRuns/bothCurves.ts';
import { commonWords, differenceWords, missingWords, untrainedWords } from '#ui/twoRuns/words.ts';
import { recipeLine } from '#ui/twoRuns/recipeLine.ts';

const objective = (settings: Recipe['objective']): Recipe => ({ ...DEFAULT_RECIPE, objective: settings });

describe('the line of the recipes', () => {
	test.each([
		['equal recipes', DEFAULT_RECIPE, /^Same recipe and seeds: a difference comes from other data/],
		['another seed', withSeed(DEFAULT_RECIPE, 2), 'Same recipe; seeds differ: 1 ↔ 2'],
		['another objective and β', objective({ id: 'dpo', beta: 0.5 }), 'objective: APO-zero ↔ DPO; β: 1 ↔ 0.5'],
		[
			'settings and seed',
			withSeed({ ...DEFAULT_RECIPE, lora: { ...DEFAULT_RECIPE.lora, rank: 2 } }, 3),
			'rank of the adapter: 8 ↔ 2; seed: 1 ↔ 3',
		],
		[
			'one of the seeds',
			{ ...DEFAULT_RECIPE, lora: { ...DEFAULT_RECIPE.lora, seed: 5 } },
			'Same recipe; seeds differ: adapter: seed 1 ↔ 5',
		],
		[
			'a formula, which comes with its objective',
			objective({ id: 'formula', beta: 1, formula: '-r_w' }),
			'objective: APO-zero ↔ Your formula',
		],
		[
			'a judge, which comes with its data method',
			{
				...DEFAULT_RECIPE,
				pairs: { ...DEFAULT_RECIPE.pairs, method: 'on_policy_judge' },
				judge: { endpoint: 'embedded', model: 'embedded-judge' },
			} satisfies Recipe,
			'where the pairs come from: CLAIR ↔ on-policy judge',
		],
		[
			'a model of the page and where it runs',
			{
				...DEFAULT_RECIPE,
				reviser: { ...DEFAULT_RECIPE.reviser, endpoint: 'local', model: 'embedded-reviser:skill=0.5' },
			},
			'reviser: built-in ↔ on this machine; reviser’s model: built-in reviser ↔ built-in reviser, skill 0.5',
		],
		[
			'a held-out set that another seed chooses',
			{ ...DEFAULT_RECIPE, evaluation: { ...DEFAULT_RECIPE.evaluation, seed: 4 } },
			'evaluation: seed 1 ↔ 4',
		],
		[
			'a default that older versions left out',
			{ ...DEFAULT_RECIPE, pairs: { ...DEFAULT_RECIPE.pairs, exclude: undefined } },
			/^Same recipe and seeds/,
		],
	] as const)('of %s', (_, second, line) => {
		if (typeof line === 'string') expect(recipeLine(DEFAULT_RECIPE, second)).toBe(line);
		else expect(recipeLine(DEFAULT_RECIPE, second)).toMatch(line);
	});

	test('reads the other way round after a swap', () => {
		const [formula, sum] = [
			objective({ id: 'formula', beta: 2, formula: '-r_w' }),
			objective({
				id: 'sum',
				beta: 2,
				terms: [
					{ id: 'dpo', weight: 1 },
					{ id: 'sft', weight: 0.2 },
				],
			}),
		];
		expect(recipeLine(formula, sum)).toBe('objective: Your formula ↔ DPO + 0.2 SFT');
		expect(recipeLine(sum, formula)).toBe('objective: DPO + 0.2 SFT ↔ Your formula');
	});
});

/** @param columns by metric */
function metricsOf(updates: readonly number[], columns: Readonly<Record<string, readonly number[]>>) {
	return { updates, column: (name: string) => columns[name] ?? [] };
}

describe('the curves of both', () => {
	const long = metricsOf([0, 1, 2, 3], { loss: [4, 3, 2, 1] });
	const short = metricsOf([0, 1], { loss: [9, 8] });

	test('share the steps of the longer run; the shorter one ends where it ends, dashed', () => {
		const { steps, series } = metricSeries([long, short], [{ metric: 'loss', word: '', color: 'fg-1' }]);
		expect(steps).toEqual([0, 1, 2, 3]);
		expect(series.map(({ label, dash, values }) => [label, dash, values])).toEqual([
			['A', undefined, [4, 3, 2, 1]],
			['B', [5, 4], [9, 8, null, null]],
		]);
		expect(new Set(series.map(({ metric }) => metric)).size).toBe(2);
	});

	test('have no line of a run that has not trained', () => {
		const empty = metricsOf([], {});
		const { series } = metricSeries([empty, short], [{ metric: 'loss', word: '', color: 'fg-1' }]);
		expect(series.map(({ label }) => label)).toEqual(['B']);
		expect(untrainedWords([{ step: 0 }, { step: 2 }])).toBe(
			'A has not trained, so only B has curves of training.',
		);
		expect(untrainedWords([{ step: 3 }, { step: 2 }])).toBe('');
	});

	test('of scores keep each run’s own steps and intervals', () => {
		const point = (step: number, score: number) => ({
			step,
			estimate: { score, low: score - 0.1, high: score + 0.1, n: 9 },
		});
		const { steps, series } = scoreSeries([
			[point(0, 0.4), point(20, 0.8)],
			[point(0, 0.4), point(30, 0.7)],
		]);
		expect(steps).toEqual([0, 20, 30]);
		expect(series.map(({ values }) => values)).toEqual([
			[0.4, 0.8, null],
			[0.4, null, 0.7],
		]);
		expect(series[1]?.whiskers?.[1]).toBeNull();
	});

	test('are read at the cursor or at the last value before it', () => {
		expect(valueAt([0.4, null, 0.7], 1)).toBe(0.4);
		expect(valueAt([9, 8, null, null], 3)).toBe(8);
		expect(valueAt([null, 1], 0)).toBeNull();
		expect(valueAt([], 5)).toBeNull();
	});
});

function common(id: string, scores: readonly [number, number] | null): CommonAnswers {
	const prompt = { id, text: id, family: null };
	const answer = (score: number) => ({ prompt, text: '', score, checks: [] });
	const [a, b] = scores ?? [0, 0];
	return {
		prompt,
		base: [null, null],
		tuned: [answer(a), answer(b)],
		difference: scores === null ? null : b - a,
	};
}

describe('the answers of both', () => {
	const rows = [common('a', [0.2, 0.4]), common('b', null), common('c', [1, 0.5]), common('d', [0.2, 1])];
	test.each([
		[null, true, 'abcd'],
		['difference', true, 'dacb'],
		['difference', false, 'cadb'],
		['A', true, 'cadb'],
		['B', false, 'acdb'],
	] as const)('sorted by %s, descending %s', (column, descending, order) => {
		const sorted = arrangeAnswers(rows, { column, descending });
		expect(sorted.map(({ prompt }) => prompt.id).join('')).toBe(order);
	});
});

describe('sentences', () => {
	const answersOf = (n: number) =>
		({
			before: null,
			after: { answers: Array.from({ length: n }) },
		}) as unknown as Parameters<typeof missingWords>[0];
	const NONE = { before: null, after: null };

	test('name why a run has no scores', () => {
		expect(missingWords(answersOf(3), 3, 'A')).toBeNull();
		expect(missingWords(NONE, 0, 'A')).toBe('A holds no prompts out, so it has no held-out score.');
		expect(missingWords(NONE, 9, 'B')).toBe('B has not answered its held-out prompts.');
		expect(missingWords({ ...NONE, before: answersOf(3).after }, 9, 'B')).toBe(
			'B has no held-out answers after training.',
		);
		expect(missingWords(answersOf(0), 9, 'A')).toBe('A could answer none of its held-out prompts.');
	});

	test('count the prompts that both runs have', () => {
		const two = [common('a', [0, 1]), common('b', [0, 1])];
		expect(commonWords([answersOf(2), answersOf(2)], two)).toBe(
			'Both runs have the same 2 held-out prompts.',
		);
		expect(commonWords([answersOf(5), answersOf(2)], two)).toBe(
			'2 held-out prompts are in both runs, of 5 in A and 2 in B; only these are compared.',
		);
		expect(commonWords([answersOf(5), answersOf(2)], [])).toMatch(/^No held-out prompt is in both runs/);
		expect(commonWords([answersOf(2), answersOf(2)], [common('a', null), common('b', null)])).toMatch(
			/No rubric scores them/,
		);
	});

	test('say whether the difference is more than chance', () => {
		const row = (score: number, low: number, high: number) =>
			({ of: 'difference', before: null, after: { score, low, high, n: 3 }, change: null }) as const;
		const rows = [common('a', [0.2, 0.4]), common('b', [1, 1]), common('c', [1, 0.5])];
		expect(differenceWords([row(0.2, 0.1, 0.3)], rows)).toBe(
			'After training B scores higher than A: +0.20 (95% interval +0.10 to +0.30). B’s answer scores higher for 1 prompt, equal for 1 and lower for 1.',
		);
		expect(differenceWords([row(-0.2, -0.3, -0.1)], rows)).toContain('B scores lower than A: −0.20');
		expect(differenceWords([row(0.2, -0.1, 0.3)], rows)).toContain('not distinguishable');
		expect(differenceWords([], rows)).toBe('');
	});
});
