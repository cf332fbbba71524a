/** Collects the pairs of a method and the rows that give none, each with its reason. */
import { contentKey, type PreferencePair } from '../pair.ts';
import type { BuiltPairs, LeftOut } from './method.ts';

export class PairCollector {
	readonly #pairs: PreferencePair[] = [];
	readonly #leftOut: LeftOut[] = [];
	readonly #seen = new Set<string>();

	/** @param id of the row that gives the pair. A pair that trains the same as an earlier one is left out as `duplicate`. */
	add(id: string, pair: PreferencePair): void {
		const key = contentKey(pair);
		if (this.#seen.has(key)) this.leaveOut(id, 'duplicate');
		else this.#pairs.push(pair);
		this.#seen.add(key);
	}

	leaveOut(id: string, reason: string): void {
		this.#leftOut.push({ id, reason });
	}

	get built(): BuiltPairs {
		return { pairs: this.#pairs, leftOut: this.#leftOut };
	}
}
