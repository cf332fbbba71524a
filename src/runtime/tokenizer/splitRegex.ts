/**
 * The step `Split` of `tokenizer.json` as one expression whose matches are the pieces. The JavaScript library knows
 * the behaviours `Isolated` and `Removed` only, and takes every other one for `Isolated`.
 */

/** Pieces of a split: the matches of `regex`, and the text between them unless `keepsRest` is false. */
export interface SplitRegex {
	regex: string;
	keepsRest: boolean;
}

type Pattern = Readonly<Record<string, unknown>>;

/** @returns null if the pattern has neither form */
export function splitRegex(pattern: Pattern, behavior: string, invert: boolean): SplitRegex | null {
	const source = sourceOf(pattern);
	if (source === null) return null;
	const match = `(?:${source})`;
	const rest = `(?:(?!${match})[\\s\\S])+`;
	const [delimiter, text] = invert ? [rest, match] : [match, rest];
	switch (behavior) {
		case 'Removed':
			return { regex: text, keepsRest: false };
		case 'Contiguous':
			return { regex: `${match}+`, keepsRest: true };
		case 'MergedWithPrevious':
			return { regex: `${text}(?:${delimiter})?|${delimiter}`, keepsRest: true };
		case 'MergedWithNext':
			return { regex: `(?:${delimiter})?${text}|${delimiter}`, keepsRest: true };
		default:
			return { regex: source, keepsRest: true };
	}
}

function sourceOf({ Regex, String: literal }: Pattern): string | null {
	if (typeof Regex === 'string') return Regex;
	return typeof literal === 'string' ? literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : null;
}
