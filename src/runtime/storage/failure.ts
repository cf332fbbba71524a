/** Converts errors of the browser's storage to a StorageError with a hint. */
import { asAppError, AppError, StorageError } from '#core/errors.ts';

interface Explanation {
	code: string;
	message: string;
	hint: string;
}

export const NOT_STORED =
	'Leave the private window, or allow site data for this address. Runs work without it, but are lost on reload.';

const BY_NAME: Readonly<Record<string, Explanation>> = {
	QuotaExceededError: {
		code: 'storage-quota',
		message: 'the browser’s space for this page is used up',
		hint: 'Delete runs on the Shelf, or sets of pairs there, or free space on this machine. Everything saved before is kept.',
	},
	VersionError: {
		code: 'storage-version',
		message: 'it was written by a newer version of this page',
		hint: 'Reload the page without its cache, so that the newer version opens it.',
	},
	SecurityError: {
		code: 'storage-unavailable',
		message: 'the browser does not let this page store anything',
		hint: NOT_STORED,
	},
	NotSupportedError: {
		code: 'storage-unavailable',
		message: 'the browser does not let this page store anything',
		hint: NOT_STORED,
	},
	InvalidStateError: {
		code: 'storage-unavailable',
		message: 'the browser does not let this page store anything',
		hint: NOT_STORED,
	},
};

const OTHER: Explanation = {
	code: 'storage-failed',
	message: 'the browser refused',
	hint: 'Try again; if the error persists, export your run and reload the page.',
};

/** @param doing the attempted action, for the message: `Saving the run` */
export function storageError(doing: string, thrown: unknown): AppError {
	if (thrown instanceof AppError) return thrown;
	const name = thrown instanceof DOMException || thrown instanceof Error ? thrown.name : '';
	const { code, message, hint } = BY_NAME[name] ?? OTHER;
	// Some browsers give no words of their own.
	const words = asAppError(thrown).message.trim();
	return new StorageError(`${doing} failed: ${message}${words === '' ? '' : ` (${words})`}.`, {
		code,
		hint,
		context: { name },
		cause: thrown,
	});
}

/** Runs a storage action and converts its errors to an AppError. */
export async function guarded<T>(doing: string, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (thrown) {
		throw storageError(doing, thrown);
	}
}
