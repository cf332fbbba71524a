/** Downloads one file and checks it against its expected size and digest before it is used. */
import { AppError, Cancelled, FormatError, RemoteError } from '#core/errors.ts';
import { digestOf } from './digest.ts';
import type { Expected } from './manifest.ts';

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

export interface DownloadOptions {
	fetch: Fetch;
	signal: AbortSignal;
	/** @param count bytes that arrived since the last call */
	onBytes: (count: number) => void;
	expected: Expected;
}

/**
 * @returns the file's bytes, or null if the server answers 404
 * @throws RemoteError `model-unreachable`, `model-refused`, `model-cut-off`; FormatError `model-file-html`,
 *   `shard-truncated`, `shard-hash-mismatch`; Cancelled
 */
export async function download(
	address: string,
	options: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer> | null> {
	const response = await open(address, options);
	if (response === null) return null;
	const bytes = await readAll(address, response, options);
	await verify(address, bytes, options.expected);
	return bytes;
}

async function open(address: string, options: DownloadOptions): Promise<Response | null> {
	let response: Response;
	try {
		// Our own cache checks freshness; the browser's HTTP cache could return the model of an older build.
		response = await options.fetch(address, { signal: options.signal, cache: 'no-cache' });
	} catch (cause) {
		if (options.signal.aborted) throw new Cancelled();
		throw new RemoteError(`${address} could not be loaded: nothing answered.`, {
			code: 'model-unreachable',
			hint: 'Check the connection and load the model again; complete files are kept.',
			context: { address },
			cause,
		});
	}
	if (response.status === 404) return null;
	if (!response.ok) {
		throw new RemoteError(`${address} could not be loaded: the server answered ${response.status}.`, {
			code: 'model-refused',
			hint: 'Check that the address may be read without a login, then load the model again.',
			context: { address, status: response.status },
		});
	}
	// Servers of single-page apps answer every unknown address with the page.
	if ((response.headers.get('content-type') ?? '').includes('text/html')) {
		void response.body?.cancel();
		throw new FormatError(`${address} is a web page, not a model file.`, {
			code: 'model-file-html',
			hint: 'Correct the model’s address; it should be the folder that holds mlc-chat-config.json.',
			context: { address },
		});
	}
	return response;
}

async function readAll(
	address: string,
	response: Response,
	options: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
	const parts: Uint8Array[] = [];
	let total = 0;
	try {
		const reader = response.body?.getReader();
		for (;;) {
			const part = await reader?.read();
			if (part?.value === undefined) break;
			parts.push(part.value);
			total += part.value.length;
			options.onBytes(part.value.length);
		}
	} catch (cause) {
		if (options.signal.aborted) throw new Cancelled();
		throw new RemoteError(`${address} broke off after ${total} bytes.`, {
			code: 'model-cut-off',
			hint: 'Load the model again; complete files are kept.',
			context: { address, bytes: total },
			cause,
		});
	}
	const bytes = new Uint8Array(total);
	let offset = 0;
	for (const part of parts) {
		bytes.set(part, offset);
		offset += part.length;
	}
	return bytes;
}

/** @throws FormatError naming the file, if its size or digest differs from the expected one */
export async function verify(
	address: string,
	bytes: Uint8Array<ArrayBuffer>,
	expected: Expected,
): Promise<void> {
	const file = address.slice(address.lastIndexOf('/') + 1);
	if (expected.bytes !== null && bytes.length !== expected.bytes) {
		const cut = bytes.length < expected.bytes;
		throw new FormatError(
			`${file} has ${bytes.length} bytes instead of ${expected.bytes}: ${cut ? 'it is cut short' : 'it is another file'}.`,
			{
				code: cut ? 'shard-truncated' : 'shard-size-mismatch',
				hint: 'Load the model again. If it happens again, the copy on the server is damaged.',
				context: { file, address, bytes: bytes.length, expected: expected.bytes },
			},
		);
	}
	const { digest } = expected;
	if (digest === null) return;
	const found = await digestOf(digest.algorithm, bytes);
	if (found === digest.hex) return;
	throw new FormatError(
		`${file} is damaged: it is not the file that the model was made with (its ${digest.algorithm} differs).`,
		{
			code: 'shard-hash-mismatch',
			hint: 'Load the model again. If it happens again, the copy on the server is damaged.',
			context: { file, address, algorithm: digest.algorithm, expected: digest.hex, found },
		},
	);
}

/** True for failures that a new download can repair. */
export function isDamage(error: unknown): boolean {
	return error instanceof AppError && error.code.startsWith('shard-');
}
