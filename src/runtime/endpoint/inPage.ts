/** The embedded reviser, wherever the page came from: over HTTP from the server that has it, else called within the page. */
import type { ChatModel } from '#core/ports.ts';
import type { EndpointOptions, Fetch } from './client.ts';
import { EMBEDDED_MODEL, handleChatCompletions } from './embedded.ts';
import { listModels, openAiChatModel } from './openaiChat.ts';

/** `fetch` whose every request is answered by the embedded reviser; nothing leaves the page. */
export const inPageFetch: Fetch = async (input, init) => {
	const request = new Request(input, init);
	request.signal.throwIfAborted();
	return handleChatCompletions(request);
};

export interface EmbeddedEndpoint {
	baseUrl: string;
	/** `server`: real HTTP requests to the server that sent the page; `page`: no server has it. */
	where: 'server' | 'page';
	fetch: Fetch;
}

/**
 * Asks the page's own server whether it has the embedded reviser, as `npm start` does; static hosting has not.
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
		if (models.includes(EMBEDDED_MODEL)) return { baseUrl, where: 'server', fetch: send };
	} catch {
		// Any failure has the same meaning: there is no such server. A stop by the user is left to the request that follows.
	}
	return { baseUrl, where: 'page', fetch: inPageFetch };
}

/** The embedded reviser as a ChatModel over the endpoint that was found. */
export function embeddedReviser(
	endpoint: EmbeddedEndpoint,
	options: Pick<EndpointOptions, 'timeoutMs' | 'maxRetries'> = {},
): ChatModel {
	const { baseUrl, fetch: send } = endpoint;
	return openAiChatModel({ baseUrl, apiKey: '', model: EMBEDDED_MODEL, fetch: send, ...options });
}
