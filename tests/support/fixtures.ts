/** Runs stored by earlier versions, for Node and browsers; see tests/fixtures/README.md. */
import { fromBase64 } from '#core/format/base64.ts';
import { decompress } from '#core/format/compress.ts';

/** Contents of a browser’s storage: the rows of its database, and the bytes of its checkpoint files by their key. */
export interface StoredFixture {
	version: number;
	runs: { id: string; text: string }[];
	summaries: { id: string; edition: number; name: string }[];
	checkpoints: { runId: string; step: number; key: string; bytes: number }[];
	files: Record<string, Uint8Array<ArrayBuffer>>;
}

/** The fields of a form-1 record that the tests read. */
export interface RecordOfForm1 {
	schema: 1;
	id: string;
	outputs: { prompt: { id: string; text: string }; text: string }[];
	revisions: { id: string; state: string; revised: string | null }[];
	pairs: { id: string; prompt: { id: string }; chosen: string; rejected: string }[];
	trails: { pairId: string; chosen: number; rejected: number; step: number }[];
}

/** @param bytes of a `stored-run-*.json.gz`; some servers unpack it on the way */
export async function readStoredFixture(bytes: Uint8Array<ArrayBuffer>): Promise<StoredFixture> {
	const source = 'the fixture';
	const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
	const json = packed ? await decompress(bytes, 'gzip', { limit: 2 ** 24, source }) : bytes;
	const { files, ...rows } = JSON.parse(new TextDecoder().decode(json)) as Omit<StoredFixture, 'files'> & {
		files: Record<string, string>;
	};
	const unpacked = Object.entries(files).map(([key, text]) => [key, fromBase64(text, source)] as const);
	return { ...rows, files: Object.fromEntries(unpacked) };
}
