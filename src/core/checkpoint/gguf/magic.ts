/** Recognises GGUF files that can be read, and names the others. */
import { FormatError } from '../../errors.ts';
import { foreignFile } from '../../format/foreignFile.ts';

const MAGIC = 'GGUF';
const VERSIONS = [2, 3];
const MAGIC_AND_VERSION_BYTES = 8;

/** @throws FormatError `gguf-foreign` for another kind of file, `gguf-version` */
export function expectGguf(bytes: Uint8Array, source: string): void {
	const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
	if (magic !== MAGIC || bytes.length < MAGIC_AND_VERSION_BYTES) throw foreign(bytes, source);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const version = view.getUint32(MAGIC.length, true);
	if (VERSIONS.includes(version)) return;
	const isBigEndian = VERSIONS.includes(view.getUint32(MAGIC.length, false));
	const found = isBigEndian ? 'a big-endian GGUF file' : `a GGUF file of version ${version}`;
	throw new FormatError(`${source} is ${found}; versions 2 and 3, little-endian, can be read.`, {
		code: 'gguf-version',
		hint: 'Take a GGUF file that a current llama.cpp made for ordinary computers.',
		context: { source, version },
	});
}

function foreign(bytes: Uint8Array, source: string): FormatError {
	const known = foreignFile(bytes);
	const isGguf = known === null || String.fromCharCode(...bytes.subarray(0, MAGIC.length)) === MAGIC;
	return new FormatError(`${source} is ${isGguf ? 'no GGUF file' : `${known.name}, not a GGUF file`}.`, {
		code: 'gguf-foreign',
		hint: isGguf ? 'Choose a file whose name ends in .gguf.' : known.hint,
		context: { source },
	});
}
