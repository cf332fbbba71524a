/** A set's pair as a run trains on it. */
import type { CutAnswers } from '../cutAnswers.ts';
import { imported } from '../methods/imported.ts';
import { findMethod } from '../methods/registry.ts';
import type { PreferencePair } from '../pair.ts';
import type { SetPair } from './keptSet.ts';

/**
 * Without the set's own fields and without sources: the run has none of the rows that the pair is from. The ends of cut answers stay
 * open if the recipe says so. A method that this version does not know counts as imported.
 */
export function trainingPair(pair: SetPair, cutAnswers: CutAnswers | undefined): PreferencePair {
	const { id, prompt, chosen, rejected, method, edited, open } = pair;
	return {
		...{ id, prompt, chosen, rejected },
		method: findMethod(method) === undefined ? imported.id : method,
		from: null,
		edited,
		...(open === undefined || cutAnswers !== 'open' ? {} : { open }),
	};
}
