/** Reads a compiled library: downloaded once, unpacked, checked, and kept in the browser's cache. */
import { FormatError, RemoteError } from '#core/errors.ts';
import { decompress } from '#core/format/compress.ts';
import { isGzip } from '#core/format/fileSignature.ts';
import type { PlacedLibrary } from '#core/model/compiledLibrary.ts';
import { digestOf } from '../digest.ts';
import { download, type Fetch } from '../download.ts';
import type { FileCache } from '../fileCache.ts';
import { locked } from '../lock.ts';
import { UNKNOWN } from '../manifest.ts';
import { LIBRARIES } from '../modelScopes.ts';
import { expectDigest, expectSize } from '../verify.ts';

export interface LoadLibraryOptions {
	fetch: Fetch;
	cache: FileCache;
	signal: AbortSignal;
	/** Bytes that arrived since the last call; negative if a try was given up. */
	onBytes: (count: number) => void;
	/** Waits before further tries of the download; see `DownloadOptions`. */
	waits?: readonly number[];
}

/**
 * @returns the WebAssembly file
 * @throws RemoteError of the download, `library-missing`; FormatError `compressed-…`, `shard-hash-mismatch` …; Cancelled
 */
export async function loadLibrary(
	library: PlacedLibrary,
	options: LoadLibraryOptions,
): Promise<Uint8Array<ArrayBuffer>> {
	const { address, sha256 } = library;
	return locked(address, options.signal, async () => {
		const cached = await options.cache.read(LIBRARIES, address);
		if (cached !== null && (await isWhole(cached.bytes, sha256))) return cached.bytes;
		const bytes = await fetchLibrary(library, options);
		await options.cache.write(LIBRARIES, address, { bytes, digest: sha256 });
		return bytes;
	});
}

async function isWhole(bytes: Uint8Array<ArrayBuffer>, sha256: string): Promise<boolean> {
	return (await digestOf('sha256', bytes)) === sha256;
}

async function fetchLibrary(
	{ address, file, bytes: size, sha256 }: PlacedLibrary,
	{ fetch, signal, onBytes, waits }: LoadLibraryOptions,
): Promise<Uint8Array<ArrayBuffer>> {
	const arrived = await download(address, {
		fetch,
		signal,
		onBytes,
		// The digest of the program decides: its compressed form may have been packed again on the way.
		expected: UNKNOWN,
		...(waits === undefined ? {} : { waits }),
	});
	if (arrived === null) throw missing(file, address);
	const bytes = await unpacked(arrived, { address, file, size });
	expectSize(address, bytes, size);
	expectDigest(address, { algorithm: 'sha256', hex: sha256 }, await digestOf('sha256', bytes));
	return bytes;
}

/** Servers that declare `.gz` as an encoding let the browser unpack it. */
async function unpacked(
	arrived: Uint8Array<ArrayBuffer>,
	{ address, file, size }: { address: string; file: string; size: number },
): Promise<Uint8Array<ArrayBuffer>> {
	if (!isGzip(arrived)) return arrived;
	try {
		return await decompress(arrived, 'gzip', { limit: size, source: file });
	} catch (error) {
		throw error instanceof FormatError ? damaged(file, address, error) : error;
	}
}

function missing(file: string, address: string): RemoteError {
	return new RemoteError(`WebLLM’s library for this model is not there: ${address} answered 404.`, {
		code: 'library-missing',
		hint: 'Copy the folder libraries/ beside the page; without it, the engine that trains answers.',
		context: { file, address },
	});
}

function damaged(file: string, address: string, cause: FormatError): FormatError {
	return new FormatError(`WebLLM’s library ${file} is damaged: it cannot be unpacked.`, {
		code: 'library-damaged',
		hint: 'Copy the folder libraries/ beside the page again; without it, the engine that trains answers.',
		context: { file, address },
		cause,
	});
}
