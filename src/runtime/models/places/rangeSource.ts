/** The bytes of a file on a server, asked for range by range: to look into a file before it is downloaded. */
import type { ByteSource } from '#core/checkpoint/bytes.ts';
import { expectRange } from '#core/checkpoint/range.ts';
import { Cancelled } from '#core/errors.ts';
import { joined } from '#core/format/joined.ts';
import { tooLarge } from '../http/failures.ts';
import { discard, expectFile, readBody, send, type Fetch } from '../http/request.ts';
import { startOf } from '../transfer/answer.ts';
import { rangeRefused } from '../transfer/failures.ts';
import type { RemoteFile } from '../transfer/remoteFile.ts';
import type { RemotePlace } from './place.ts';

/** Reads of whole small files ask without a range, which every server understands. */
export function rangeSource(file: RemoteFile, fetch: Fetch, refusal: RemotePlace['refusal']): ByteSource {
	const { path, address, size } = file;
	return {
		name: path,
		size,
		async read(start, end, signal = new AbortController().signal) {
			expectRange(path, size, start, end);
			if (start === end) return new Uint8Array(0);
			const isWhole = start === 0 && end === size;
			const response = await send(fetch, address, {
				headers: isWhole ? {} : { range: `bytes=${start}-${end - 1}` },
				signal,
				credentials: 'omit',
				referrerPolicy: 'no-referrer',
			}).catch((error: unknown) => {
				throw signal.aborted ? new Cancelled() : error;
			});
			const refused = response.ok ? null : refusal?.(response);
			if (refused !== null && refused !== undefined) {
				discard(response);
				throw refused;
			}
			expectFile(address, response);
			const from = isWhole ? 0 : rangeStart(response, start, size);
			if (from === null) {
				discard(response);
				throw rangeRefused(path, address, response.headers.get('content-range'));
			}
			return piece(address, response, start - from, end - start);
		},
	};
}

/** A server without ranges sends the file from its first byte; null if the range is another one. */
function rangeStart(response: Response, start: number, size: number): number | null {
	if (response.status !== 206) return 0;
	return response.headers.has('content-range') ? startOf(response, start, size) : start;
}

/** The bytes after `skip`; ends the transfer when they are here. */
async function piece(
	address: string,
	response: Response,
	skip: number,
	length: number,
): Promise<Uint8Array<ArrayBuffer>> {
	const parts: Uint8Array[] = [];
	let seen = 0;
	const enough = tooLarge(address, length, true);
	await readBody(address, response, (chunk) => {
		seen += chunk.length;
		parts.push(chunk.slice());
		if (seen > skip + length) throw enough;
	}).catch((error: unknown) => {
		// The rest of a whole file is not needed.
		if (error !== enough) throw error;
	});
	return joined(parts).slice(skip, skip + length);
}
