/** Pairs on their way to a kept set, and the sentence about the set that they became. */
import type { SetOrigin, SetPair } from '#core/pair/set/keptSet.ts';
import { counted } from '../text/format.ts';

/** Pairs with their origins, before they have a name. */
export interface NewSet {
	pairs: readonly SetPair[];
	origins: readonly SetOrigin[];
}

/** A set that was kept. */
export interface Kept {
	name: string;
	/** The name that was asked for; another set, or the same pairs under another name, may be in its way. */
	wanted: string;
	id: string;
	/** Number of pairs. */
	pairs: number;
	/** False if the same pairs were kept before, under this name. */
	isNew: boolean;
}

/** “Kept as “Monday”: 120 pairs.” */
export function keptSentence({ name, pairs, isNew }: Pick<Kept, 'name' | 'pairs' | 'isNew'>): string {
	const count = counted(pairs, 'pair');
	return isNew ? `Kept as “${name}”: ${count}.` : `The same ${count} are kept already, as “${name}”.`;
}
