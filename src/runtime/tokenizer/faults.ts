/** Faults of a model's tokenizer files. */
import { FormatError } from '#core/errors.ts';

/** Characters of a reason from outside that a message quotes. */
const MOST_QUOTED = 300;

export function tokenizerInvalid(what: string, file: string, cause?: unknown): FormatError {
	return new FormatError(`${file} cannot be used: ${what}.`, {
		code: 'tokenizer-invalid',
		hint: 'The model’s files are damaged or of another form; load the model again.',
		context: { file },
		...(cause === undefined ? {} : { cause }),
	});
}

export function chatTemplateMissing(file: string): FormatError {
	return new FormatError(`${file} has no chat template, so messages cannot be converted to text.`, {
		code: 'chat-template-missing',
		hint: 'Take the instruction-tuned version of this model: base models have none.',
	});
}

/** @param thrown the template's own reason (`raise_exception`), or a limit that it passed */
export function chatTemplateFailed(thrown: unknown): FormatError {
	return new FormatError(`The model’s chat template refused the messages: ${reasonOf(thrown)}.`, {
		code: 'chat-template-failed',
		hint: 'Some models accept no system message, or require user and assistant in turn. Change the messages, or the model.',
		cause: thrown,
	});
}

export function reasonOf(thrown: unknown): string {
	const reason = thrown instanceof Error ? thrown.message : String(thrown);
	return reason.length > MOST_QUOTED ? `${reason.slice(0, MOST_QUOTED)}…` : reason.replace(/\.+$/, '');
}
