/**
 * Reads and makes streams of bytes in buffers that are used again. Browsers free the buffers that they allocate for chunks and files
 * late, at a garbage collection; a model's bytes would fill the page's memory until then.
 */

/** Bytes of a buffer. */
const PIECE = 2 ** 18;

/** Buffers that no stream uses now. */
const spare: ArrayBuffer[] = [];

export interface PieceReader {
	/** The next bytes, which are valid until the next call; undefined at the end. */
	read(): Promise<Uint8Array | undefined>;
	/** Ends the reading; call it once, also after the end. */
	end(): Promise<void>;
}

export function pieceReader(stream: ReadableStream<Uint8Array<ArrayBuffer>>): PieceReader {
	const own = byobReader(stream);
	if (own === null) {
		const reader = stream.getReader();
		return {
			read: async () => (await reader.read()).value,
			end: () => reader.cancel().catch(() => undefined),
		};
	}
	let buffer = spare.pop() ?? new ArrayBuffer(PIECE);
	return {
		async read() {
			const { value } = await own.read(new Uint8Array(buffer));
			if (value === undefined) return undefined;
			({ buffer } = value);
			return value.length === 0 ? undefined : value;
		},
		async end() {
			await own.cancel().catch(() => undefined);
			// A stream that failed keeps the buffer of its last read.
			if (buffer.byteLength === PIECE) spare.push(buffer);
		},
	};
}

/** Null for streams that allocate their chunks themselves. */
function byobReader(stream: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStreamBYOBReader | null {
	try {
		return stream.getReader({ mode: 'byob' });
	} catch {
		return null;
	}
}

/**
 * Reads a range of a blob, which may be on disk.
 *
 * @returns the caller's own bytes; fewer than asked for if the blob ends before `end`
 * @throws DOMException `NotReadableError` and others if the bytes are gone
 */
export async function readBlob(blob: Blob, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
	const bytes = new Uint8Array(end - start);
	let at = 0;
	const reader = pieceReader(blob.slice(start, end).stream());
	try {
		for (let piece = await reader.read(); piece !== undefined; piece = await reader.read()) {
			bytes.set(piece, at);
			at += piece.length;
		}
	} finally {
		await reader.end();
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
