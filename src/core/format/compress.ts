/** Compression by the platform's streams, with an output limit: a small file can expand to gigabytes. */
import { FormatError } from '../errors.ts';
import { joined } from './joined.ts';

export type Compression = 'gzip' | 'deflate-raw';

export async function compress(
	bytes: Uint8Array<ArrayBuffer>,
	form: Compression,
): Promise<Uint8Array<ArrayBuffer>> {
	const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(form));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * @param limit  largest number of bytes after decompression
 * @param source name for the message
 * @throws FormatError `compressed-damaged` · `compressed-too-large`
 */
export async function decompress(
	bytes: Uint8Array<ArrayBuffer>,
	form: Compression,
	{ limit, source }: { limit: number; source: string },
): Promise<Uint8Array<ArrayBuffer>> {
	const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(form)).getReader();
	const parts: Uint8Array<ArrayBuffer>[] = [];
	let length = 0;
	for (;;) {
		const part = await reader.read().catch((cause: unknown) => {
			throw new FormatError(`${source} is damaged or was cut off: it unpacks only to byte ${length}.`, {
				code: 'compressed-damaged',
				hint: 'Download or copy the whole file again, or export it again where it was made.',
				context: { bytes: bytes.length, unpacked: length },
				cause,
			});
		});
		if (part.done) break;
		length += part.value.length;
		if (length > limit) {
			// A stream that does not end its work is dropped, not waited for.
			void reader.cancel().catch(() => undefined);
			throw new FormatError(
				`${source} unpacks to more than ${Math.round(limit / 1024 / 1024)} MB from ${bytes.length} bytes.`,
				{
					code: 'compressed-too-large',
					hint: 'No file that this page writes is like this. Choose another file.',
					context: { limit },
				},
			);
		}
		parts.push(part.value);
	}
	return joined(parts);
}
