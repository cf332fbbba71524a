/** The three kinds of reviser, by the recipe's `reviser.endpoint`. */

/** `reviser.endpoint` of the rules that come with the page. */
export const EMBEDDED = 'embedded';
/** `reviser.endpoint` of a second model on this machine; `reviser.model` is its id. */
export const LOCAL = 'local';

export type ReviserKind = 'embedded' | 'local' | 'endpoint';

export function reviserKind({ endpoint }: { endpoint: string }): ReviserKind {
	if (endpoint === EMBEDDED || endpoint === LOCAL) return endpoint;
	return 'endpoint';
}
