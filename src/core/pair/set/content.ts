/** The content of a set as bytes: equal for sets that train the same, with any name, origin or provenance. */
import { pairIds } from '../pair.ts';
import type { SetPair } from './keptSet.ts';

type Content = Pick<SetPair, 'prompt' | 'chosen' | 'rejected' | 'open'>;

/** Texts and open ends in the set's order; hash it for the set's `sha256`. */
export function setContent(pairs: readonly Content[]): Uint8Array<ArrayBuffer> {
	const rows = pairs.map(({ prompt, chosen, rejected, open }) => [
		...[prompt.text, chosen, rejected],
		...(open === undefined ? [] : [Number(open.chosen), Number(open.rejected)]),
	]);
	return new TextEncoder().encode(JSON.stringify(rows));
}

/** The pairs with ids that are unique in the set. Pairs of two runs can have the same id. */
export function withSetIds(pairs: readonly SetPair[]): readonly SetPair[] {
	const nextId = pairIds();
	return pairs.map((pair) => ({ ...pair, id: nextId(pair.prompt.id) }));
}
