/** The schema of a recipe's number, by its path. */
import * as v from 'valibot';
import { isWithin, LIMITS, limitText, type NumberPath, storedLimit } from './limits.ts';

/** `limits`: what a run can start with. `stored`: what a run could ever be stored with. */
export type Ranges = 'limits' | 'stored';

export function recipeNumber(path: NumberPath, ranges: Ranges) {
	const limit = ranges === 'limits' ? LIMITS[path] : storedLimit(path);
	return v.pipe(
		v.number(),
		v.check(
			(value) => isWithin(limit, value),
			({ input }) => `choose ${limitText(limit)}, not ${String(input)}`,
		),
	);
}
