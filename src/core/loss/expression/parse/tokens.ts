/** Text → tokens with their places. */
import { excerpt } from '../../../text/excerpt.ts';
import { ExpressionError, type Span } from '../error.ts';

export interface Token extends Span {
	readonly kind: 'number' | 'word' | 'mark';
	readonly text: string;
}

const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|([a-z_][a-z_0-9]*)|(\S))/giuy;

const MARKS = '+-*/^(),';

/** Pasted characters and their meaning. */
const TYPED_AS: ReadonlyMap<string, string> = new Map([
	['−', '-'],
	['–', '-'],
	['·', '*'],
	['×', '*'],
	['÷', '/'],
	['σ', 'sigma'],
	['β', 'beta'],
]);

/** @throws ExpressionError at a character that belongs to no token */
export function tokenize(text: string): Token[] {
	return [...text.matchAll(TOKEN)].map((match) => {
		const [, number, word, other = ''] = match;
		const typed = number ?? word ?? other;
		const end = match.index + match[0].length;
		const start = end - typed.length;
		const meant = TYPED_AS.get(typed) ?? typed;
		if (number !== undefined) return { kind: 'number', text: meant, start, end };
		if (/^\w/.test(meant)) return { kind: 'word', text: meant, start, end };
		if (MARKS.includes(meant)) return { kind: 'mark', text: meant, start, end };
		throw new ExpressionError(
			`“${typed}” at character ${start + 1} has no meaning here.`,
			{ start, end },
			'Use names, numbers, + - * / ^ and parentheses.',
		);
	});
}

const LONGEST_QUOTE = 40;

/** How messages name a token: “sigma” at character 3. */
export function place({ text, start }: Token): string {
	return `“${excerpt(text, LONGEST_QUOTE)}” at character ${start + 1}`;
}
