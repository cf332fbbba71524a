/** The pairs of a file as those of a set: the set that the file holds, or a new one whose origin is the file. */
import type { PairSet } from '../importPairs.ts';
import type { SetOrigin, SetPair } from './keptSet.ts';

export function setOfFile({ source, pairs, facts }: PairSet): {
	name: string;
	pairs: readonly SetPair[];
	origins: readonly SetOrigin[];
} {
	if (facts !== undefined) return { name: facts.name, origins: facts.origins, pairs };
	const name = source.replace(/(?:\.pairs)?\.[a-z]{1,7}$/i, '');
	const placed = pairs.map((pair) => ({ ...pair, origin: 0 }));
	return { name, origins: [{ kind: 'file', name: source }], pairs: placed };
}
