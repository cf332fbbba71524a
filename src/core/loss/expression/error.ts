/** Errors of expressions: a plain message and the place in the text. */
import { FormatError } from '../../errors.ts';

/** Characters [start, end) of the text. */
export interface Span {
	readonly start: number;
	readonly end: number;
}

/** The text is not a usable expression. */
export class ExpressionError extends FormatError {
	/** The message is about the characters [at, end) of the text. */
	readonly at: number;
	readonly end: number;

	constructor(message: string, { start, end }: Span, hint = '') {
		super(message, { code: 'expression-invalid', hint, context: { at: start, end } });
		this.at = start;
		this.end = end;
	}
}

/** An operation of the algebra has no usable result. {@link located} adds the place in the text. */
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
