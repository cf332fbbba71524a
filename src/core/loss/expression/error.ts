/** Errors of expressions: plain words, and the place in the text. */
import { FormatError } from '../../errors.ts';

/** Characters [start, end) of the text. */
export interface Span {
	readonly start: number;
	readonly end: number;
}

/** A text that is no usable expression. */
export class ExpressionError extends FormatError {
	/** The characters [at, end) of the text that the message is about. */
	readonly at: number;
	readonly end: number;

	constructor(message: string, { start, end }: Span, hint = '') {
		super(message, { code: 'expression-invalid', hint, context: { at: start, end } });
		this.at = start;
		this.end = end;
	}
}

/** An operation of the algebra that has no usable result. It knows no text; {@link located} adds the place. */
export class AlgebraError extends Error {
	readonly hint: string;

	constructor(message: string, hint: string) {
		super(message);
		this.hint = hint;
	}
}

/**
 * Runs an operation of the algebra on behalf of a part of the text.
 *
 * @throws ExpressionError at `span` if the operation throws an AlgebraError
 */
export function located<T>(span: Span, operation: () => T): T {
	try {
		return operation();
	} catch (error) {
		if (error instanceof AlgebraError) throw new ExpressionError(error.message, span, error.hint);
		throw error;
	}
}
