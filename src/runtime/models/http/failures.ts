/** Failures of a request for a model file, in words. */
import { FormatError, RemoteError } from '#core/errors.ts';
import { fileOf } from '../verify.ts';

/** Statuses that may be others at the next request. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

const AGAIN = 'Check the connection and load the model again; complete files are kept.';

export function unreachable(address: string, cause: unknown): RemoteError {
	return new RemoteError(`${address} could not be loaded: nothing answered.`, {
		code: 'model-unreachable',
		hint: AGAIN,
		context: { address },
		cause,
	});
}

export function stalled(address: string, bytes: number): RemoteError {
	return new RemoteError(`${address} stopped sending after ${bytes} bytes.`, {
		code: 'model-stalled',
		hint: AGAIN,
		context: { address, bytes },
	});
}

export function brokeOff(address: string, bytes: number, cause: unknown): RemoteError {
	return new RemoteError(`${address} broke off after ${bytes} bytes.`, {
		code: 'model-cut-off',
		hint: 'Load the model again; complete files are kept.',
		context: { address, bytes },
		cause,
	});
}

/** @param retryAfterSeconds the wait that the server asked for, or null */
export function refused(address: string, status: number, retryAfterSeconds: number | null): RemoteError {
	const busy = PASSING.has(status);
	const wait = retryAfterSeconds === null ? 'a moment' : `${Math.ceil(retryAfterSeconds)} seconds`;
	return new RemoteError(`${address} could not be loaded: the server answered ${status}.`, {
		code: busy ? 'model-busy' : 'model-refused',
		hint: busy
			? `Wait ${wait}, then load the model again; complete files are kept.`
			: 'Check that the address may be read without a login, then load the model again.',
		context: { address, status, retryAfterSeconds },
	});
}

export function webPage(address: string): FormatError {
	return new FormatError(`${address} is a web page, not a model file.`, {
		code: 'model-file-html',
		hint: 'Correct the model’s address: it should be the folder that holds mlc-chat-config.json, readable without a login.',
		context: { address },
	});
}

/** @param isExpected true if `most` is the file's known size, false if it is a limit for files of unknown size */
export function tooLarge(address: string, most: number, isExpected: boolean): FormatError {
	const file = fileOf(address);
	const wanted = isExpected ? `${most} that it should have` : `${most}, more than such a file has`;
	return new FormatError(`${file} has more than the ${wanted}: it is another file.`, {
		code: isExpected ? 'shard-size-mismatch' : 'model-file-large',
		hint: 'Load the model again. If it happens again, the copy on the server is damaged.',
		context: { file, address, most },
	});
}
