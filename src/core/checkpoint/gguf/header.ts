/**
 * The header of a GGUF file, versions 2 and 3: magic, counts, metadata, and the list of tensors; the tensors' bytes
 * follow at an aligned position.
 *
 * @source https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import type { ByteSource } from '../bytes.ts';
import { readRange } from '../bytes.ts';
import { joined } from '../../format/joined.ts';
import { Cursor, MoreBytesNeeded } from './cursor.ts';
import { ggufInvalid, ggufTruncated } from './fault.ts';
import { expectGguf } from './magic.ts';
import { readMetadata, type GgufValue } from './metadataValues.ts';
import { readTensorInfos, type GgufTensor } from './tensorInfos.ts';

export interface GgufHeader {
	metadata: ReadonlyMap<string, GgufValue>;
	tensors: readonly GgufTensor[];
}

/** Bytes of the first read; each next read doubles them. Vocabularies of 150,000 tokens take 6 MB. */
const FIRST_READ = 2 ** 22;
const MOST_HEADER_BYTES = 2 ** 28;
const MOST_FIELDS = 65_536;
const MOST_TENSORS = 65_536;
/** Fewest bytes of a metadata field (key length, type, one byte) and of a tensor (name length, axes, type, offset). */
const FIELD_BYTES = 13;
const TENSOR_BYTES = 24;

/**
 * Reads the header, and no more of the file than it takes.
 *
 * @throws FormatError `gguf-foreign`, `gguf-version`, `gguf-invalid`, `gguf-truncated`, `gguf-type-unsupported`;
 *   the source's errors; Cancelled
 */
export async function readGgufHeader(source: ByteSource, signal?: AbortSignal): Promise<GgufHeader> {
	let bytes = new Uint8Array();
	for (let wanted = FIRST_READ; ; wanted *= 2) {
		const end = Math.min(wanted, source.size);
		bytes = joined([bytes, await readRange(source, bytes.length, end, signal)]);
		const header = parseGgufHeader(bytes, source.size, source.name);
		if (header !== null) return header;
		if (wanted >= MOST_HEADER_BYTES) {
			throw ggufInvalid(source.name, `has a header of more than ${MOST_HEADER_BYTES} bytes.`);
		}
	}
}

/**
 * @param bytes the file's first bytes
 * @returns null if the header is longer than `bytes` and the file has more
 * @throws FormatError like {@link readGgufHeader}
 */
export function parseGgufHeader(bytes: Uint8Array, fileSize: number, source: string): GgufHeader | null {
	expectGguf(bytes, source);
	const cursor = new Cursor(bytes, fileSize, source);
	cursor.at = 8;
	try {
		const tensors = cursor.count(TENSOR_BYTES, MOST_TENSORS, 'too many tensors');
		const fields = cursor.count(FIELD_BYTES, MOST_FIELDS, 'too many metadata fields');
		const metadata = readMetadata(cursor, fields, source);
		return { metadata, tensors: readTensorInfos(cursor, { count: tensors, metadata, fileSize, source }) };
	} catch (error) {
		if (!(error instanceof MoreBytesNeeded)) throw error;
		if (bytes.length < fileSize) return null;
		throw ggufTruncated(source, `its header goes on after its last byte, ${fileSize}.`);
	}
}
