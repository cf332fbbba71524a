/** Merging sets: duplicates are kept once, and of two pairs that prefer the opposite the first is kept. */
import { contentKey } from '../pair.ts';
import { withSetIds } from './content.ts';
import type { KeptSet, SetOrigin, SetPair } from './keptSet.ts';

export type SetToMerge = Pick<KeptSet, 'name' | 'origins' | 'pairs'>;

/** A pair that was left out because an earlier one prefers the opposite. */
export interface Conflict {
	pair: SetPair;
	/** Name of the set with the pair that was left out. */
	set: string;
	/** Name of the set with the pair that is kept. */
	keptSet: string;
}

export interface MergedSets {
	origins: readonly SetOrigin[];
	pairs: readonly SetPair[];
	/** Pairs that were left out because an earlier one has the same texts. */
	duplicates: number;
	conflicts: readonly Conflict[];
}

/** @param sets in order: of duplicates and conflicts the earliest pair is kept */
export function mergeSets(sets: readonly SetToMerge[]): MergedSets {
	const origins = new OriginList();
	const kept = new Map<string, string>();
	/** One prompt has one id and family, also if it comes from several sets. */
	const prompts = new Map<string, SetPair['prompt']>();
	const pairs: SetPair[] = [];
	const conflicts: Conflict[] = [];
	let duplicates = 0;
	for (const set of sets) {
		for (const pair of set.pairs) {
			const opposite = kept.get(contentKey({ ...pair, chosen: pair.rejected, rejected: pair.chosen }));
			const key = contentKey(pair);
			if (kept.has(key)) duplicates++;
			else if (opposite !== undefined) conflicts.push({ pair, set: set.name, keptSet: opposite });
			else {
				kept.set(key, set.name);
				const prompt = prompts.get(pair.prompt.text) ?? pair.prompt;
				prompts.set(prompt.text, prompt);
				pairs.push({ ...pair, prompt, ...origins.placeOf(set.origins[pair.origin ?? 0]) });
			}
		}
	}
	return { origins: origins.list, pairs: withSetIds(pairs), duplicates, conflicts };
}

/** Origins without repetitions. */
class OriginList {
	readonly #places = new Map<string, number>();
	readonly list: SetOrigin[] = [];

	/** Adds the origin if it is new. */
	placeOf(origin: SetOrigin | undefined): { origin?: number } {
		if (origin === undefined) return {};
		const key = JSON.stringify(origin);
		const place = this.#places.get(key) ?? this.list.push(origin) - 1;
		this.#places.set(key, place);
		return { origin: place };
	}
}
