/** The recipe's parameters of an objective reach the loss and its gradient. */
import { expect, test } from 'vitest';
import { objectiveOf, registerObjective } from '#core/loss/objectives/registry.ts';
import { valuesAtRewards } from '#core/loss/objectives/values.ts';
import { DEFAULT_RECIPE, readRecipe } from '#core/recipe/recipe.ts';
import { packForStep } from '#train/pack.ts';
import { stepValues } from '#train/values.ts';

const pair = { id: 'p', promptIds: [1], chosenIds: [2, 3], rejectedIds: [4] };
const packed = packForStep([{ ...pair, truncated: false }]);
const step = [{ packed, reference: Float32Array.of(0, 0) }];

test("a registered objective's parameter has the recipe's value, else its default", () => {
	registerObjective({
		...objectiveOf('dpo'),
		id: 'values_test',
		loss: 'tau*(r_l - r_w)',
		parameters: { tau: { default: 2, min: 0, max: 10, meaning: 'a factor' } },
	});
	const recipe = (parameters: object) =>
		readRecipe({ ...DEFAULT_RECIPE, objective: { id: 'values_test', beta: 1, ...parameters } });
	const set = stepValues(recipe({ parameters: { tau: 5 } }).objective, step);
	expect(set).toEqual({ beta: 1, mean_len_w: 2, parameters: { tau: 5 } });
	const usual = stepValues(recipe({}).objective, step);
	expect(usual).toEqual({ beta: 1, mean_len_w: 2 });
	const { lossOf, gradientOf } = objectiveOf('values_test');
	const at = valuesAtRewards(1, 0);
	expect([lossOf({ ...at, ...set }), lossOf({ ...at, ...usual })]).toEqual([-5, -2]);
	expect(gradientOf({ ...at, ...set })).toEqual({ chosen: -5, rejected: 5 });
});
