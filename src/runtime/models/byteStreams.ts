/** Ranges of blobs, and streams of bytes that are made on the way. */

/** Bytes of one chunk of a stream, and of one read of a blob. */
const PIECE = 2 ** 18;
const READ = 2 ** 20;

/**
 * Reads a range of a blob, which may be on disk.
 *
 * @returns the caller's own bytes; fewer than asked for if the blob ends before `end`
 * @throws DOMException `NotReadableError` and others if the bytes are gone
 */
export async function readBlob(blob: Blob, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
	const bytes = new Uint8Array(end - start);
	let at = 0;
	while (at < bytes.length) {
		// A copy: an array that the browser made stays in its memory after `freeNow`.
		const piece = new Uint8Array(
			await blob.slice(start + at, Math.min(end, start + at + READ)).arrayBuffer(),
		);
		if (piece.length === 0) break;
		bytes.set(piece, at);
		at += piece.length;
	}
	return at === bytes.length ? bytes : bytes.subarray(0, at);
}

/**
 * A stream of pieces, which are asked for one by one. Its chunks share one buffer: each is valid until the next is read, as for the
 * browser's own readers, which copy a chunk before they ask for another.
 */
export function streamOf(
	pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
	const iterator = iteratorOf(pieces);
	const buffer = new Uint8Array(PIECE);
	let rest = new Uint8Array(0) as Uint8Array;
	return new ReadableStream(
		{
			async pull(controller) {
				while (rest.length === 0) {
					const next = await iterator.next();
					if (next.done === true) {
						controller.close();
						return;
					}
					rest = next.value;
				}
				const chunk = buffer.subarray(0, Math.min(PIECE, rest.length));
				chunk.set(rest.subarray(0, chunk.length));
				rest = rest.subarray(chunk.length);
				controller.enqueue(chunk);
			},
			cancel: async () => {
				await iterator.return(undefined);
			},
		},
		{ highWaterMark: 0 },
	);
}

async function* iteratorOf(
	pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
	yield* pieces;
	return undefined;
}
