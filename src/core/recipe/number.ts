/** The schema of a recipe's number, by its path. */
import * as v from 'valibot';
import { isWithin, LIMITS, limitText, type NumberPath } from './limits.ts';

export function recipeNumber(path: NumberPath) {
	const limit = LIMITS[path];
	return v.pipe(
		v.number(),
		v.check(
			(value) => isWithin(limit, value),
			({ input }) => `choose ${limitText(limit)}, not ${String(input)}`,
		),
	);
}
