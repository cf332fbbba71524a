/** MathML elements as plain data, so that a page can create them without parsing text as markup. */

export type MathTag = 'mi' | 'mn' | 'mo' | 'mtext' | 'mrow' | 'msub' | 'msup' | 'mfrac' | 'mspace';

export interface MathNode {
	readonly tag: MathTag;
	/** Present on mi, mn, mo and mtext. */
	readonly text?: string;
	readonly children?: readonly MathNode[];
	/** The side of the pair that this part belongs to, for its colour. */
	readonly side?: 'chosen' | 'rejected';
}

/** Siblings of one row. */
export type MathRow = readonly MathNode[];

export const mi = (text: string): MathNode => ({ tag: 'mi', text });
export const mn = (text: string): MathNode => ({ tag: 'mn', text });
export const mo = (text: string): MathNode => ({ tag: 'mo', text });

/** One element for several siblings. */
export function mrow(row: MathRow): MathNode {
	const [only] = row;
	return row.length === 1 && only ? only : { tag: 'mrow', children: row };
}

export const mfrac = (over: MathRow, under: MathRow): MathNode => ({
	tag: 'mfrac',
	children: [mrow(over), mrow(under)],
});
export const msup = (base: MathRow, exponent: MathRow): MathNode => ({
	tag: 'msup',
	children: [mrow(base), mrow(exponent)],
});
export const msub = (base: MathNode, index: MathNode): MathNode => ({ tag: 'msub', children: [base, index] });

export const parenthesised = (row: MathRow): MathRow => [mo('('), ...row, mo(')')];

/** An invisible operator that screen readers speak as "of". */
const APPLY = mo('\u2061');

const THIN_SPACE: MathNode = { tag: 'mspace' };

/** A function with parentheses: `name(a, b)`. */
export function applied(name: MathNode, args: readonly MathRow[]): MathRow {
	const listed = args.flatMap((arg, i) => (i === 0 ? arg : [mo(','), ...arg]));
	return [name, APPLY, ...parenthesised(listed)];
}

/** A function without parentheses: `log x`. */
export const wordOf = (name: string, row: MathRow): MathRow => [mi(name), APPLY, THIN_SPACE, ...row];
