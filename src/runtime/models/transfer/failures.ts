/** Failures of a resumable download, in words. */
import { FormatError, RemoteError, StorageError } from '#core/errors.ts';
import { byteSize } from '#core/format/byteSize.ts';

export function missing(path: string, address: string, status: number): RemoteError {
	return new RemoteError(`${path} is not there: ${address} answered ${status}.`, {
		code: 'model-file-missing',
		hint: 'Read the model’s list of files again: the file was moved or deleted since.',
		context: { file: path, address, status },
	});
}

export function changed(path: string, address: string): FormatError {
	return new FormatError(
		`${path} is not the file of the list any more: it changed on the server while it was loaded.`,
		{
			code: 'model-file-changed',
			hint: 'Read the model’s list of files again, then load the model again.',
			context: { file: path, address },
		},
	);
}

export function rangeRefused(path: string, address: string, range: string | null): RemoteError {
	return new RemoteError(
		`${address} answered with another part of ${path} than the rest (${range ?? 'unknown'}).`,
		{
			code: 'model-range-wrong',
			hint: 'The server does not continue downloads. Load the model again: the file is then loaded in one go.',
			context: { file: path, address, range },
		},
	);
}

/** @param held bytes in memory */
export function memoryFull(path: string, held: number): StorageError {
	return new StorageError(
		`The browser stores no more of ${path}, and ${byteSize(held)} of model files are in memory already.`,
		{
			code: 'model-storage-full',
			hint: 'Delete runs or other models on the Shelf, or free space on this machine, then resume: the stored parts are kept.',
			context: { file: path, held },
		},
	);
}
