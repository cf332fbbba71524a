/** Whether an address is one of a hub: it is asked for a small model of the catalogue, as a download would. */
import { PUBLISHED_MODELS, repositoryOf } from '#core/model/published/registry.ts';
import { AppError, FormatError, RemoteError } from '#core/errors.ts';
import { readHub } from './address.ts';
import { ask, type AskOptions } from './ask.ts';
import { inHubWords } from './failures.ts';
import { readRevision } from './listing.ts';

const PROBE = repositoryOf(PUBLISHED_MODELS[0]?.downloads[0]?.address ?? '');

/**
 * A server that lacks the model, and says so as a hub does, is one, too.
 *
 * @returns the address without a slash at the end
 * @throws FormatError `hub-address`, `hub-answer`; RemoteError `hub-unreachable`, `hub-busy`; Cancelled
 */
export async function checkHub(text: string, options: AskOptions): Promise<string> {
	const hub = readHub(text);
	const url = `${hub}/api/models/${PROBE}/revision/main`;
	try {
		const { json } = await ask(url, options, (response) =>
			saysNo(response) ? new HubSaysNo() : otherServer(hub, response),
		);
		readRevision(json, url);
	} catch (error) {
		if (error instanceof HubSaysNo) return hub;
		throw error instanceof AppError ? inHubWords(error, hub, PROBE) : error;
	}
	return hub;
}

/** The answer of a hub that has no such repository, or hides it. */
class HubSaysNo extends RemoteError {
	constructor() {
		super('The hub has no such model.', { code: 'hub-not-found' });
	}
}

function saysNo({ status, headers }: Response): boolean {
	const isJson = (headers.get('content-type') ?? '').includes('json');
	return [401, 403, 404].includes(status) && (headers.has('x-error-code') || isJson);
}

function otherServer(hub: string, { status }: Response): FormatError | null {
	if (status === 429 || status >= 500) return null;
	return new FormatError(`${hub} does not answer as a hub: its list of models answered ${status}.`, {
		code: 'hub-answer',
		hint: 'Write the address under which /api/models is, as https://huggingface.co has it.',
		context: { hub, status },
	});
}
