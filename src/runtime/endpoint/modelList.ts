/** The list of an endpoint's models. */
import { asAppError } from '#core/errors.ts';
import type { OfferedModel } from '#core/ports.ts';
import type { OnSent } from './account.ts';
import { LARGEST_LIST, readText } from './body.ts';
import { connect, type Connection, type EndpointOptions, send } from './client.ts';
import { watched } from './explain.ts';
import { isMisplaced, otherBaseUrls } from './misplaced.ts';
import { redactError } from './redactError.ts';
import { parseModelList } from './reply.ts';

export interface ListOptions extends Pick<EndpointOptions, 'timeoutMs' | 'fetch'> {
	onSent?: OnSent;
}

/**
 * Models that the server offers, in its order. If there is no list at the base URL, asks where it lacks `/v1`.
 *
 * @throws RemoteError like `ChatModel.complete`; Cancelled
 */
export async function listModels(
	baseUrl: string,
	apiKey: string,
	signal: AbortSignal,
	options: ListOptions = {},
): Promise<readonly OfferedModel[]> {
	const { onSent, ...rest } = options;
	const given = connect({ baseUrl, apiKey, model: '', timeoutMs: 10_000, ...rest });
	const { target } = given;
	try {
		return await listAt(given, signal, onSent);
	} catch (thrown) {
		const error = asAppError(thrown);
		for (const other of isMisplaced(error) ? otherBaseUrls(target.baseUrl) : []) {
			const moved: Connection = { ...given, target: { ...target, baseUrl: other } };
			const models = await listAt(moved, signal, onSent).catch(() => null);
			if (models !== null) return models;
		}
		throw redactError(error, target.redact);
	}
}

function listAt(
	connection: Connection,
	signal: AbortSignal,
	onSent: OnSent | undefined,
): Promise<readonly OfferedModel[]> {
	const { target } = connection;
	const list = async (watch: Parameters<typeof send>[3]): Promise<readonly OfferedModel[]> => {
		const response = await send(connection, '/models', undefined, watch);
		const models = parseModelList(target, await readText(target, response, LARGEST_LIST, watch));
		return models.map(({ id, price }) => ({ id: target.redact(id), price }));
	};
	return watched(connection, signal, list, onSent);
}
