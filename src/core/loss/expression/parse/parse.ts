/**
 * Text → the tree as typed. Errors are in plain words, with the place.
 *
 *   sum    = term { ( + | - ) term }
 *   term   = - term | factor { ( * | / ) factor }
 *   factor = - factor | atom [ ^ factor ]
 *   atom   = number | name | function ( sum { , sum } ) | ( sum )
 */
import { ExpressionError, type Span } from '../error.ts';
import type { Syntax } from '../tree.ts';
import { place, tokenize, type Token } from './tokens.ts';
import { functionNamed } from '../names.ts';
import { arityOf, isValueName, nearestWord } from './words.ts';

/** Characters of the longest expression. */
export const MAX_LENGTH = 2000;
/** Levels of the deepest expression: parentheses, signs and powers. */
export const MAX_DEPTH = 64;

/**
 * @param parameters the objective's own names, beside those of names.ts
 * @throws ExpressionError naming the first fault and its place
 */
export function parse(text: string, parameters: readonly string[] = []): Syntax {
	if (text.length > MAX_LENGTH) {
		throw new ExpressionError(
			`The expression has ${text.length} characters; the most is ${MAX_LENGTH}.`,
			{ start: MAX_LENGTH, end: text.length },
			'Shorten it.',
		);
	}
	const tokens = tokenize(text);
	if (tokens.length === 0) {
		throw new ExpressionError(
			'There is no expression yet.',
			{ start: 0, end: 0 },
			'For example: -log_sigma(r_w - r_l)',
		);
	}
	return new Parser(tokens, text.length, parameters).whole();
}

const number = (value: number, span: Span): Syntax => ({ kind: 'number', value, args: [], ...spanOf(span) });
const spanOf = ({ start, end }: Span): Span => ({ start, end });

function negative(x: Syntax, start: number): Syntax {
	const span = { start, end: x.end };
	return { kind: 'product', args: [number(-1, span), x], ...span };
}

/** One node for several operands; the operand itself if it is alone. */
function chain(kind: 'sum' | 'product', first: Syntax, rest: readonly Syntax[]): Syntax {
	const last = rest.at(-1);
	return last ? { kind, args: [first, ...rest], start: first.start, end: last.end } : first;
}

class Parser {
	readonly #tokens: readonly Token[];
	readonly #end: number;
	readonly #parameters: readonly string[];
	#next = 0;
	#depth = 0;

	constructor(tokens: readonly Token[], end: number, parameters: readonly string[]) {
		this.#tokens = tokens;
		this.#end = end;
		this.#parameters = parameters;
	}

	whole(): Syntax {
		const result = this.#sum();
		if (this.#peek) unexpected(this.#peek);
		return result;
	}

	get #peek(): Token | undefined {
		return this.#tokens[this.#next];
	}

	/** The next token if it is one of these marks. */
	#take(marks: string): Token | null {
		const token = this.#peek;
		if (token?.kind !== 'mark' || !marks.includes(token.text)) return null;
		this.#next++;
		return token;
	}

	/** Runs a rule one level down. */
	#deeper(rule: () => Syntax, token: Token): Syntax {
		if (++this.#depth > MAX_DEPTH) {
			throw new ExpressionError(
				`The expression is nested more than ${MAX_DEPTH} deep at character ${token.start + 1}.`,
				token,
				'Remove parentheses.',
			);
		}
		const result = rule();
		this.#depth--;
		return result;
	}

	#sum = (): Syntax => {
		const first = this.#term();
		const rest: Syntax[] = [];
		for (let sign = this.#take('+-'); sign; sign = this.#take('+-')) {
			const term = this.#term();
			rest.push(sign.text === '-' ? negative(term, sign.start) : term);
		}
		return chain('sum', first, rest);
	};

	/** −a·b is −(a·b). */
	#term = (): Syntax => {
		const sign = this.#take('+-');
		if (sign) return signed(sign, this.#deeper(this.#term, sign));
		const first = this.#factor();
		const rest: Syntax[] = [];
		for (let mark = this.#take('*/'); mark; mark = this.#take('*/')) {
			const factor = this.#factor();
			const span = { start: mark.start, end: factor.end };
			rest.push(mark.text === '/' ? { kind: 'power', args: [factor, number(-1, span)], ...span } : factor);
		}
		return chain('product', first, rest);
	};

	/** −a^b is −(a^b), and a^b^c is a^(b^c). */
	#factor = (): Syntax => {
		const sign = this.#take('+-');
		if (sign) return signed(sign, this.#deeper(this.#factor, sign));
		const base = this.#atom();
		const mark = this.#take('^');
		if (!mark) return base;
		const exponent = this.#deeper(this.#factor, mark);
		return { kind: 'power', args: [base, exponent], start: base.start, end: exponent.end };
	};

	#atom(): Syntax {
		const token = this.#peek;
		if (!token) throw this.#incomplete();
		this.#next++;
		if (token.kind === 'number') return number(Number(token.text), token);
		if (token.kind === 'word') return this.#word(token);
		if (token.text !== '(') {
			throw new ExpressionError(
				`A value is missing before ${place(token)}.`,
				token,
				'Add a name or a number.',
			);
		}
		const inner = this.#deeper(this.#sum, token);
		return { ...inner, start: token.start, end: this.#close(token) };
	}

	#word(token: Token): Syntax {
		const { text: name } = token;
		const opened = this.#take('(');
		const arity = arityOf(name);
		if (isValueName(name, this.#parameters)) {
			if (!opened) return { kind: 'name', name, args: [], ...spanOf(token) };
			throw new ExpressionError(
				`${place(token)} is a value, not a function.`,
				token,
				`To multiply, write ${name}*(…).`,
			);
		}
		if (arity === 0) throw this.#unknown(token);
		if (!opened) {
			throw new ExpressionError(`${place(token)} is a function.`, token, `Write ${name}(…).`);
		}
		const args = this.#arguments(token);
		const end = this.#closeCall(token, opened, args, arity);
		return callOf(name, args, { start: token.start, end });
	}

	#arguments(token: Token): Syntax[] {
		if (this.#peek?.text === ')') return [];
		const args = [this.#deeper(this.#sum, token)];
		while (this.#take(',')) args.push(this.#deeper(this.#sum, token));
		return args;
	}

	#closeCall(name: Token, opened: Token, args: readonly Syntax[], arity: number): number {
		const wrong = args.length !== arity;
		const end =
			wrong && this.#peek?.text !== ')' && this.#peek ? unexpected(this.#peek) : this.#close(opened);
		if (!wrong) return end;
		throw new ExpressionError(
			`${place(name)} has ${args.length === 0 ? 'no argument' : counted(args.length)}; it takes ${counted(arity)}.`,
			{ start: name.start, end },
		);
	}

	/** The end of the parenthesis that `opened` opened. */
	#close(opened: Token): number {
		const closed = this.#take(')');
		if (closed) return closed.end;
		if (this.#peek) return unexpected(this.#peek);
		throw new ExpressionError(
			`The parenthesis opened at character ${opened.start + 1} is never closed.`,
			opened,
			'Add “)”.',
		);
	}

	#incomplete(): ExpressionError {
		const last = this.#tokens.at(-1);
		return new ExpressionError(
			`The expression ends after ${last ? place(last) : 'nothing'}, where a value should follow.`,
			{ start: this.#end, end: this.#end },
			'Add a name or a number.',
		);
	}

	#unknown(token: Token): ExpressionError {
		const nearest = nearestWord(token.text, this.#parameters);
		const hint = nearest === null ? '' : `Did you mean ${nearest}?`;
		return new ExpressionError(`${place(token)} is not a name here.`, token, hint);
	}
}

const signed = (sign: Token, x: Syntax): Syntax => (sign.text === '-' ? negative(x, sign.start) : x);

const counted = (count: number): string => (count === 1 ? 'one argument' : `${count} arguments`);

function callOf(name: string, args: readonly Syntax[], span: Span): Syntax {
	const fn = functionNamed(name);
	if (fn) return { kind: 'call', fn, args, ...span };
	const [base = number(0, span)] = args;
	return { kind: 'power', args: [base, number(2, span)], ...span };
}

function unexpected(token: Token): never {
	const { text, start } = token;
	if (text === ')') {
		throw new ExpressionError(
			`The parenthesis closed at character ${start + 1} was never opened.`,
			token,
			'Remove it, or add “(”.',
		);
	}
	if (text === ',') {
		throw new ExpressionError(
			`The comma at character ${start + 1} is not between arguments.`,
			token,
			'Only max and min take two arguments. Decimals are written with a point.',
		);
	}
	throw new ExpressionError(
		`An operator is missing before ${place(token)}.`,
		token,
		'Write one of + - * / ^ there.',
	);
}
