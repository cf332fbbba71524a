/** Finds the embedded reviser: over HTTP if the page's server has it, else called within the page. */
import type { ChatModel } from '#core/ports.ts';
import type { EndpointOptions, Fetch } from './client.ts';
import { EMBEDDED_MODEL, handleChatCompletions } from './embedded.ts';
import { listModels } from './modelList.ts';
import { openAiChatModel } from './openaiChat.ts';

/** A `fetch` that passes every request to the embedded reviser; no data leaves the page. */
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
 * Asks the page's own server whether it has the embedded reviser: `npm start` does, static hosting does not.
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

/** The embedded reviser as a ChatModel. Calls within the page leave nothing, so they report no sent request. */
export function embeddedReviser(
	endpoint: EmbeddedEndpoint,
	options: Pick<EndpointOptions, 'timeoutMs' | 'maxRetries'> = {},
): ChatModel {
	const { baseUrl, where, fetch: send } = endpoint;
	const model = openAiChatModel({ baseUrl, apiKey: '', model: EMBEDDED_MODEL, fetch: send, ...options });
	if (where === 'server') return model;
	return {
		id: model.id,
		complete: ({ messages, sampling }, signal, onText) =>
			model.complete({ messages, sampling }, signal, onText),
	};
}
