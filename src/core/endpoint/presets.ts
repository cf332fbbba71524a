/** The presets in the order of the page's list. To add one: write its file under presets/ and name it here. */
import { httpUrl } from '../recipe/endpoint.ts';
import { type AdvisedFailure, type EndpointPreset, filled } from './preset.ts';
import { llamaCpp } from './presets/llamaCpp.ts';
import { lmStudio } from './presets/lmStudio.ts';
import { ollama } from './presets/ollama.ts';
import { openAi } from './presets/openAi.ts';
import { openRouter } from './presets/openRouter.ts';
import { vllm } from './presets/vllm.ts';
import { reachOf } from './reach.ts';

export const ENDPOINT_PRESETS: readonly EndpointPreset[] = [
	ollama,
	lmStudio,
	llamaCpp,
	vllm,
	openRouter,
	openAi,
];

/**
 * The preset of an address: a service by its host, a server that people run by its port on this machine or its
 * network. Null for every other address.
 */
export function presetOf(address: string): EndpointPreset | null {
	const url = httpUrl(address);
	if (url === null) return null;
	const own = reachOf(url.hostname) !== 'internet';
	return (
		ENDPOINT_PRESETS.find(({ place, baseUrl }) => {
			const known = new URL(baseUrl);
			return place === 'service' ? known.host === url.host : own && known.port === url.port;
		}) ?? null
	);
}

/** The advice of the address's preset for a failure; null if it has none. */
export function adviceFor(
	address: string,
	code: string,
	place: { origin: string; model: string },
): string | null {
	const advice = presetOf(address)?.advice[code as AdvisedFailure];
	return advice === undefined ? null : filled(advice, place);
}
