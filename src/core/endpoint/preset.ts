/** A preset: a server that many people use as reviser, with the advice that its own documentation gives. Data only. */

/** Failures for which every preset has advice of its own. Codes of RemoteError. */
export const ADVISED = [
	/** Nothing answers at the address. */
	'endpoint-unreachable',
	/** The server answers but does not allow the page. */
	'endpoint-cors',
	/** It has no such model, or nothing is at the path. */
	'endpoint-not-found',
	/** It asks for a key, or refuses it. */
	'endpoint-key-refused',
] as const;

/** Failures for which some presets have advice. */
export type AdvisedFailure =
	| (typeof ADVISED)[number]
	| 'endpoint-forbidden'
	| 'endpoint-no-credit'
	| 'endpoint-rate-limited'
	| 'endpoint-request-refused'
	| 'endpoint-timeout';

export interface SuggestedModel {
	/** The name that requests give. */
	id: string;
	/** Memory that it takes, or its price class. */
	needs: string;
}

/**
 * Texts may contain `{origin}`, the page's origin, and `{model}`, the name of the chosen model; see {@link filled}.
 */
export interface EndpointPreset {
	readonly id: string;
	readonly title: string;
	/** machine: people run it themselves. service: somebody else's server. */
	readonly place: 'machine' | 'service';
	readonly baseUrl: string;
	/** The page on which a key is made; null if the server asks for none. */
	readonly keyPage: string | null;
	/** One command that starts the server; null for a service. */
	readonly start: string | null;
	/** How a web page becomes allowed (CORS), in one sentence. */
	readonly allowPage: string;
	/** Models that revise well enough, the smallest first. */
	readonly models: readonly SuggestedModel[];
	readonly advice: Readonly<Record<(typeof ADVISED)[number], string>> &
		Readonly<Partial<Record<AdvisedFailure, string>>>;
	/** Its documentation of the OpenAI-compatible API. */
	readonly docs: string;
}

/** A preset's text with the page's origin and the model's name in their places. */
export function filled(text: string, { origin, model }: { origin: string; model: string }): string {
	return text.replaceAll('{origin}', origin).replaceAll('{model}', model === '' ? 'MODEL' : model);
}
