/**
 * Row faults: errors that belong to one row of the data, a prompt, an answer or a pair. The row is left out and
 * named; all other rows go on. The same row has the same fault at every try, so it is not tried again.
 */
import * as v from 'valibot';
import { AppError, asAppError, errorFactsSchema, FormatError } from '../errors.ts';
import { tooLong } from './length.ts';

/** A row that was left out. */
export const rowFaultSchema = v.object({
	/** Id of the prompt, output or pair. */
	id: v.string(),
	error: errorFactsSchema,
});
export type RowFault = v.InferOutput<typeof rowFaultSchema>;

const CODES: ReadonlySet<string> = new Set([
	'prompt-too-long',
	'prompt-empty',
	'answer-empty',
	'chosen-empty',
	'rejected-empty',
	'text-unreadable',
	'chat-template-failed',
	'messages-order',
]);

/** True if the error belongs to one row and would be the same at another try. */
export function isRowFault({ code }: { code: string }): boolean {
	return CODES.has(code);
}

/** An error without stack and cause, as a run stores it. */
export function faultOf(thrown: unknown): RowFault['error'] {
	const { kind, code, message, hint, context } = asAppError(thrown);
	return { kind, code, message, hint, context };
}

export const rowFault = (id: string, thrown: unknown): RowFault => ({ id, error: faultOf(thrown) });

/** @param limit the most tokens that a prompt may have */
export function promptTooLong(
	tokens: number,
	limit: number,
	hint = 'Shorten the prompt, or choose a model that reads more.',
): FormatError {
	return new FormatError(`The prompt is ${tooLong(tokens, limit)}.`, {
		code: 'prompt-too-long',
		hint,
		context: { tokens, limit },
	});
}

/** @param what `prompt`, `answer`, `chosen` or `rejected` */
export function emptyText(what: 'prompt' | 'answer' | 'chosen' | 'rejected'): FormatError {
	const name = what === 'prompt' || what === 'answer' ? what : `${what} answer`;
	return new FormatError(`The ${name} is empty: it has no token.`, {
		code: `${what}-empty`,
		hint: what === 'answer' ? 'Sample with another seed or temperature.' : 'Correct or remove this row.',
	});
}

/** The error of a text that the tokenizer or the chat template refused; keeps the error that names its own cause. */
export function unreadableText(thrown: unknown): AppError {
	if (thrown instanceof AppError) return thrown;
	return new FormatError(`The model’s tokenizer cannot read this text: ${asAppError(thrown).message}.`, {
		code: 'text-unreadable',
		hint: 'Correct or remove this row.',
		cause: thrown,
	});
}

/**
 * For engines that answer a prompt without text.
 *
 * @throws FormatError `prompt-empty`
 */
export function expectText(prompt: string): void {
	if (prompt.trim() === '') throw emptyText('prompt');
}

/** Only short texts can have no token; encoding a long one again would cost time. */
const SHORT = 64;

/** The tokenizer, as far as this file needs it. */
interface Encoder {
	tokenizer: { encode(text: string): readonly number[] };
}

/** True if a text has no token of its own: nothing, spaces, or characters that the tokenizer removes. */
export function isEmptyText(text: string, { tokenizer }: Encoder): boolean {
	if (text.trim() === '') return true;
	return text.length <= SHORT && tokenizer.encode(text).length === 0;
}
