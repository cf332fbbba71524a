/** Coefficient, sign and exponential parts of a node, as the rules of simplification need them. */
import { FUNCTIONS } from '../functions.ts';
import { isCall, type Expr } from '../tree.ts';
import type { Builder } from './builder.ts';

/** x = coefficient·rest. */
export function splitCoefficient(a: Builder, x: Expr): { coefficient: number; rest: Expr } {
	if (x.kind === 'number') return { coefficient: x.value, rest: a.one };
	if (x.kind !== 'product') return { coefficient: 1, rest: x };
	const [first, second, ...others] = x.args;
	if (first?.kind !== 'number' || !second) return { coefficient: 1, rest: x };
	// The other factors are simplified already.
	const rest = others.length === 0 ? second : a.nodes.intern({ kind: 'product', args: [second, ...others] });
	return { coefficient: first.value, rest };
}

function isNegative(x: Expr): boolean {
	const first = x.kind === 'product' ? x.args[0] : x;
	return first?.kind === 'number' && first.value < 0;
}

/** −1 if x has a minus in front. Of x and −x exactly one has it; the order of a sum's terms does not matter. */
export function leadingSign(a: Builder, x: Expr): 1 | -1 {
	if (x.kind !== 'sum') return isNegative(x) ? -1 : 1;
	let oldest: { id: number; negative: boolean } | undefined;
	for (const term of x.args) {
		const { id } = splitCoefficient(a, term).rest;
		if (!oldest || id < oldest.id) oldest = { id, negative: isNegative(term) };
	}
	return oldest?.negative === true ? -1 : 1;
}

export function isPositive(x: Expr): boolean {
	if (x.kind === 'number') return x.value > 0;
	if (x.kind === 'power') return isPositive(x.args[0]);
	return x.kind === 'call' && FUNCTIONS[x.fn].positive === true;
}

/** ±e^exponent. */
export interface SignedExponential {
	sign: 1 | -1;
	exponent: Expr;
}

/** x as ±eᵃ ± eᵇ, a plain ±1 first as ±e⁰; null for anything else. */
export function twoExponentials(a: Builder, x: Expr): [SignedExponential, SignedExponential] | null {
	if (x.kind !== 'sum' || x.args.length !== 2) return null;
	const parts = x.args.flatMap((term): SignedExponential[] => {
		const { coefficient, rest } = splitCoefficient(a, term);
		if (coefficient !== 1 && coefficient !== -1) return [];
		if (rest === a.one) return [{ sign: coefficient, exponent: a.zero }];
		const exponent = isCall(rest, 'exp') ? rest.args[0] : undefined;
		return exponent ? [{ sign: coefficient, exponent }] : [];
	});
	const [first, second] = parts;
	if (!first || !second) return null;
	return second.exponent === a.zero ? [second, first] : [first, second];
}
