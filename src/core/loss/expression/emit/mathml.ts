/** Expressions → MathML, in the symbols of the papers. */
import { FUNCTIONS } from '../functions.ts';
import { PARAMETER_LETTERS } from '../names.ts';
import type { Tree } from '../tree.ts';
import {
	applied,
	mfrac,
	mi,
	mn,
	mo,
	msub,
	msup,
	parenthesised,
	wordOf,
	type MathNode,
	type MathRow,
} from './mathNodes.ts';
import { POWER, SUM, ATOM, render, type Language } from './render.ts';

const SIDES: ReadonlyMap<string, 'chosen' | 'rejected'> = new Map([
	['w', 'chosen'],
	['l', 'rejected'],
]);

const isNumber = (row: MathRow | undefined): boolean => row?.[0]?.tag === 'mn';

const MATHML: Language<MathRow> = {
	stacksFractions: true,
	number: (value) => [mn(String(value))],
	name: nameRow,
	group: parenthesised,
	negative: (inner) => [mo('−'), ...inner],
	sum: (first, rest) => [...first, ...rest.flatMap(({ minus, text }) => [mo(minus ? '−' : '+'), ...text])],
	// Factors need no operator between them, except numbers, which would run together.
	product: (factors) =>
		factors.flatMap((factor, i) => (i === 0 ? factor : [mo(isNumber(factor) ? '·' : '\u2062'), ...factor])),
	fraction: (over, under) => [mfrac(over, under)],
	power({ args: [base, exponent] }, part) {
		const row = part(base, ATOM);
		const one = row.length === 1 && base.kind !== 'call';
		return {
			text: [msup(one ? row : parenthesised(part(base, SUM)), part(exponent, SUM))],
			tightness: POWER,
		};
	},
	call: (fn, args) => FUNCTIONS[fn].math(...args),
};

/** `logp_w` is log π_θ(y_w ∣ x), `len_w` is |y_w|, and so on. */
function nameRow(name: string): MathRow {
	if (name === 'beta') return [mi('β')];
	if (name === 'kl') return [mi('KL')];
	if (name === 'mean_len_w') return wordOf('mean', lengthOf(indexed('y', 'w')));
	const [word = name, index = ''] = name.split('_');
	if (!SIDES.has(index)) return [mi(PARAMETER_LETTERS.get(name) ?? name)];
	switch (word) {
		case 'logp':
			return logProbability('θ', index);
		case 'ref':
			return logProbability('ref', index);
		case 'len':
			return lengthOf(indexed('y', index));
		case 'weight':
			return [indexed('λ', index)];
		default:
			return [indexed(word, index)];
	}
}

function indexed(letter: string, index: string): MathNode {
	const side = SIDES.get(index);
	return { ...msub(mi(letter), mi(index)), ...(side === undefined ? {} : { side }) };
}

const logProbability = (model: string, index: string): MathRow =>
	wordOf('log', applied(msub(mi('π'), mi(model)), [[indexed('y', index), mo('∣'), mi('x')]]));

const lengthOf = (answer: MathNode): MathRow => [mo('|'), answer, mo('|')];

/** Parts of the longest formula that a page shows. */
const MOST_PARTS = 200;

function size(x: Tree, known = new Map<Tree, number>()): number {
	const before = known.get(x);
	if (before !== undefined) return before;
	const parts = x.args.reduce((total, arg) => total + size(arg, known), 1);
	known.set(x, parts);
	return parts;
}

/** The expression, or a note if it is too long to read. */
export function toMathML(x: Tree): MathNode {
	if (size(x) > MOST_PARTS) return { tag: 'mtext', text: 'too long to show' };
	return { tag: 'mrow', children: render(x, MATHML) };
}

/** ∂ℒ/∂symbol = x. */
export function derivativeMathML(symbol: string, x: Tree): MathNode {
	const left = mfrac([mi('∂'), mi('ℒ')], [mi('∂'), ...nameRow(symbol)]);
	return { tag: 'mrow', children: [left, mo('='), toMathML(x)] };
}
