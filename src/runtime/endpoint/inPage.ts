/** Finds the embedded cast: over HTTP if the page's server has it, else called within the page. */
import type { ChatModel } from '#core/ports.ts';
import type { EndpointOptions, Fetch } from './client.ts';
import { EMBEDDED_MODEL, handleChatCompletions } from './embedded.ts';
import { listModels } from './modelList.ts';
import { openAiChatModel } from './openaiChat.ts';

/** A `fetch` that passes every request to the embedded cast; no data leaves the page. */
export const inPageFetch: Fetch = async (input, init) => {
	const request = new Request(input, init);
	request.signal.throwIfAborted();
	return handleChatCompletions(request);
};

export interface EmbeddedEndpoint {
	baseUrl: string;
	/** `server`: HTTP requests to the page's server. `page`: calls within the page. */
	where: 'server' | 'page';
	fetch: Fetch;
}

/**
 * Asks the page's own server whether it has the embedded cast: `npm start` does, static hosting does not.
 *
 * @param pageUrl the page's address
 */
export async function findEmbeddedEndpoint(
	pageUrl: string,
	signal: AbortSignal,
	send: Fetch = (input, init) => fetch(input, init),
): Promise<EmbeddedEndpoint> {
	const baseUrl = new URL('v1', pageUrl).href;
	try {
		const models = await listModels(baseUrl, '', signal, { fetch: send, timeoutMs: 3000 });
		if (models.some(({ id }) => id === EMBEDDED_MODEL)) return { baseUrl, where: 'server', fetch: send };
	} catch {
		// Any failure means that there is no such server. If the user stopped, the next request reports it.
	}
	return { baseUrl, where: 'page', fetch: inPageFetch };
}

/** A model of the embedded cast as a ChatModel, by its name at the endpoint. Calls within the page leave nothing, so they report no sent request. */
export function embeddedModel(
	endpoint: EmbeddedEndpoint,
	name: string = EMBEDDED_MODEL,
	options: Pick<EndpointOptions, 'timeoutMs' | 'maxRetries'> = {},
): ChatModel {
	const { baseUrl, where, fetch: send } = endpoint;
	const model = openAiChatModel({ baseUrl, apiKey: '', model: name, fetch: send, ...options });
	if (where === 'server') return model;
	return {
		id: model.id,
		complete: ({ messages, sampling }, signal, onText) =>
			model.complete({ messages, sampling }, signal, onText),
	};
}
