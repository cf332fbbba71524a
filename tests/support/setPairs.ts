/** Pairs and sets of few words. */
import { SET_SCHEMA, type KeptSet, type SetPair } from '#core/pair/set/keptSet.ts';
import { preferencePair } from './preferencePair.ts';

export function setPair(id: string, chosen: string, rejected: string, more: Partial<SetPair> = {}): SetPair {
	return { ...preferencePair(id, `prompt ${id}`, chosen, rejected), origin: 0, ...more };
}

export function keptSet(name: string, pairs: readonly SetPair[], more: Partial<KeptSet> = {}): KeptSet {
	return {
		schema: SET_SCHEMA,
		id: `id of ${name}`,
		name,
		createdAt: '2026-11-30T10:00:00.000Z',
		sha256: 'a'.repeat(64),
		origins: [{ kind: 'file', name: `${name}.jsonl` }],
		pairs,
		...more,
	};
}
