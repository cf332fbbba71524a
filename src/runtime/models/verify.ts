/** Checks a model file against its expected size and digest, or its form if neither is known. */
import { AppError, FormatError } from '#core/errors.ts';
import { foreignFile } from '#core/format/foreignFile.ts';
import { digestOf, type Digest } from './digest.ts';
import { parseJson, type Expected } from './manifest.ts';

const DAMAGED = 'Load the model again. If it happens again, the copy on the server is damaged.';
const WASM = [0x00, 0x61, 0x73, 0x6d];

/** The name of an address's file, for messages. */
export const fileOf = (address: string): string => address.slice(address.lastIndexOf('/') + 1);

/**
 * @throws FormatError naming the file, if its size or digest differs from the expected one; if neither is known,
 *   `model-file-not-json` or `shard-not-wasm` for files that do not have the form of their name
 */
export async function verify(
	address: string,
	bytes: Uint8Array<ArrayBuffer>,
	expected: Expected,
): Promise<void> {
	expectSize(address, bytes, expected.bytes);
	const { digest } = expected;
	if (digest === null) {
		expectForm(address, bytes);
		return;
	}
	expectDigest(address, digest, await digestOf(digest.algorithm, bytes));
}

/**
 * @param found the file's digest in lower-case hex
 * @throws FormatError `shard-hash-mismatch` naming the file
 */
export function expectDigest(address: string, { algorithm, hex }: Digest, found: string): void {
	if (found === hex) return;
	const file = fileOf(address);
	throw new FormatError(
		`${file} is damaged: it is not the file that the model was made with (its ${algorithm} differs).`,
		{
			code: 'shard-hash-mismatch',
			hint: DAMAGED,
			context: { file, address, algorithm, expected: hex, found },
		},
	);
}

/**
 * @param bytes the file, or its beginning
 * @param size  length of the file
 * @throws FormatError `shard-truncated` or `shard-size-mismatch` naming the file
 */
export function expectSize(
	address: string,
	bytes: Uint8Array,
	expected: number | null,
	size = bytes.length,
): void {
	if (expected === null || size === expected) return;
	const file = fileOf(address);
	const cut = size < expected;
	// Any bytes can start a binary file; only a text in its place can be recognised.
	const foreign = isText(bytes.subarray(0, 32)) ? foreignFile(bytes) : null;
	const what = foreign !== null ? `it is ${foreign.name}` : cut ? 'it is cut short' : 'it is another file';
	throw new FormatError(`${file} has ${size} bytes instead of ${expected}: ${what}.`, {
		code: cut ? 'shard-truncated' : 'shard-size-mismatch',
		hint: foreign?.hint ?? DAMAGED,
		context: { file, address, bytes: size, expected },
	});
}

function isText(bytes: Uint8Array): boolean {
	return bytes.every((byte) => byte > 0 && byte < 0x80);
}

function expectForm(address: string, bytes: Uint8Array): void {
	const file = fileOf(address);
	if (file.endsWith('.json')) parseJson(bytes, address);
	if (!file.endsWith('.wasm') || WASM.every((byte, i) => bytes[i] === byte)) return;
	throw new FormatError(`${file} is not a WebAssembly file.`, {
		code: 'shard-not-wasm',
		hint: DAMAGED,
		context: { file, address },
	});
}

/** True for failures that a new download can repair. */
export function isDamage(error: unknown): boolean {
	if (!(error instanceof AppError)) return false;
	return error.code.startsWith('shard-') || error.code === 'model-file-not-json';
}
