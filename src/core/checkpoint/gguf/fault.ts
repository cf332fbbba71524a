/** Errors of GGUF files. */
import { FormatError } from '../../errors.ts';

const DAMAGED = 'The file is damaged. Download it again, or take another file of this model.';

/** @param message follows the file's name */
export function ggufInvalid(source: string, message: string): FormatError {
	return new FormatError(`${source}: ${message}`, {
		code: 'gguf-invalid',
		hint: DAMAGED,
		context: { source },
	});
}

export function ggufTruncated(source: string, message: string): FormatError {
	return new FormatError(`${source} is cut off: ${message}`, {
		code: 'gguf-truncated',
		hint: 'Download the file again and wait until it is complete.',
		context: { source },
	});
}

/** A file that can be read and holds a model that cannot be used here. */
export function ggufUnsupported(source: string, message: string, hint: string): FormatError {
	return new FormatError(`${source}: ${message}`, {
		code: 'gguf-unsupported',
		hint,
		context: { source },
	});
}
