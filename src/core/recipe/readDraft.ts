/** A recipe that was being edited when the tab was reloaded. */
import * as v from 'valibot';
import { FORMULA } from '../loss/objectives/settings.ts';
import { DEFAULT_RECIPE, readRecipe, type Recipe } from './recipe.ts';

/** Longest text of a formula that is kept, characters. */
const LONGEST_FORMULA = 10_000;
const withFormula = v.looseObject({
	objective: v.strictObject({
		id: v.literal(FORMULA),
		beta: v.number(),
		formula: v.pipe(v.string(), v.maxLength(LONGEST_FORMULA)),
		parameters: v.exactOptional(v.record(v.string(), v.number())),
	}),
});

/** @throws FormatError if a value is out of range, except in a formula: the page shows its problem where it is written */
export function readDraft(json: unknown): Recipe {
	const draft = v.safeParse(withFormula, json);
	if (!draft.success) return readRecipe(json);
	const { objective, ...rest } = draft.output;
	return { ...readRecipe({ ...rest, objective: DEFAULT_RECIPE.objective }), objective };
}
