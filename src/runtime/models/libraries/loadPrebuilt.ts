/** Reads a prebuilt library of WebLLM: downloaded once, and kept in the browser's cache. Its publisher states no digest. */
import { RemoteError } from '#core/errors.ts';
import type { PrebuiltLibrary } from '#core/model/prebuilt/prebuiltLibrary.ts';
import { download } from '../download.ts';
import { locked } from '../lock.ts';
import { UNKNOWN } from '../manifest.ts';
import { LIBRARIES } from '../modelScopes.ts';
import type { LoadLibraryOptions } from './loadLibrary.ts';

/**
 * @returns the WebAssembly file
 * @throws RemoteError of the download, `library-missing`; FormatError `shard-not-wasm`; Cancelled
 */
export async function loadPrebuilt(
	{ address }: PrebuiltLibrary,
	{ fetch, cache, signal, onBytes, waits }: LoadLibraryOptions,
): Promise<Uint8Array<ArrayBuffer>> {
	return locked(address, signal, async () => {
		const cached = await cache.read(LIBRARIES, address);
		if (cached !== null) return cached.bytes;
		const options = { fetch, signal, onBytes, expected: UNKNOWN };
		const bytes = await download(address, waits === undefined ? options : { ...options, waits });
		if (bytes === null) throw missing(address);
		await cache.write(LIBRARIES, address, { bytes, digest: '' });
		return bytes;
	});
}

function missing(address: string): RemoteError {
	return new RemoteError(`WebLLM’s prebuilt library for this model is not there: ${address} answered 404.`, {
		code: 'library-missing',
		hint: 'Nothing is missing for a run: the engine that trains answers with the same weights.',
		context: { address },
	});
}
