/** Opens the place that a user names: a hub's repository, an address on another server, or files on disk. */
import type { ModelPlace } from '#core/model/keeper.ts';
import type { Fetch } from '../http/request.ts';
import { DEFAULT_HUB, readHubAddress } from '../hub/address.ts';
import { diskPlace } from './diskPlace.ts';
import { hubPlace } from './hubPlace.ts';
import type { OpenPlace } from './place.ts';
import { isServerAddress, serverPlace } from './serverPlace.ts';

/** @throws FormatError and RemoteError in the terms of the place; Cancelled */
export async function openPlace(place: ModelPlace, fetch: Fetch, signal: AbortSignal): Promise<OpenPlace> {
	if (place.kind === 'disk') return diskPlace(place.files);
	const { text, hub = DEFAULT_HUB } = place;
	const isOnHub = text.trim().startsWith(`${hub}/`);
	if (!isOnHub && isServerAddress(text)) return serverPlace(text, fetch, signal);
	return hubPlace(readHubAddress(text, hub), { fetch, signal, hub });
}
