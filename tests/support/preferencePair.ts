/** A pair of given texts. */
import type { PreferencePair } from '#core/pair/pair.ts';

export function preferencePair(id: string, text: string, chosen: string, rejected: string): PreferencePair {
	return {
		id,
		prompt: { id, text, family: null },
		chosen,
		rejected,
		method: 'clair',
		from: null,
		edited: false,
	};
}
