/** Sums: flat, equal terms collected, in the author's order. */
import { isCall, type Expr } from '../tree.ts';
import { splitCoefficient } from './signs.ts';
import type { Builder } from './builder.ts';

/** The part of a term without its number → that number. */
type Terms = Map<Expr, number>;

export function sum(a: Builder, args: readonly Expr[]): Expr {
	const flat = args.flatMap((x) => (x.kind === 'sum' ? x.args : [x]));
	a.nodes.spend(flat.length);
	const terms: Terms = new Map();
	for (const term of flat) {
		const { coefficient, rest } = splitCoefficient(a, term);
		terms.set(rest, (terms.get(rest) ?? 0) + coefficient);
	}
	const shorter = withoutMirrors(a, terms) ?? withoutComplements(a, terms);
	if (shorter) return a.sum(...shorter);
	const left = weighted(a, terms);
	const [only] = left;
	if (!only) return a.zero;
	return left.length === 1 ? only : a.nodes.intern({ kind: 'sum', args: left });
}

function weighted(a: Builder, terms: Terms): Expr[] {
	return [...terms].flatMap(([rest, coefficient]) =>
		coefficient === 0 ? [] : [a.product(coefficient, rest)],
	);
}

/** log σ(x) − log σ(−x) = x. */
function withoutMirrors(a: Builder, terms: Terms): Expr[] | null {
	for (const [rest, coefficient] of terms) {
		const x = coefficient !== 0 && isCall(rest, 'log_sigma') ? rest.args[0] : undefined;
		if (!x) continue;
		const mirror = a.call('log_sigma', a.negative(x));
		if (terms.get(mirror) !== -coefficient) continue;
		const left = new Map(terms);
		left.delete(rest);
		left.delete(mirror);
		return [a.product(coefficient, x), ...weighted(a, left)];
	}
	return null;
}

/** c − c·σ(x) = c·σ(−x), which keeps its digits if σ(x) is near 1. */
function withoutComplements(a: Builder, terms: Terms): Expr[] | null {
	const one = terms.get(a.one);
	if (one === undefined || one === 0) return null;
	for (const [rest, coefficient] of terms) {
		const x = coefficient === -one && isCall(rest, 'sigma') ? rest.args[0] : undefined;
		if (!x) continue;
		// Rebuilt in place to keep the author's order of terms.
		return [...terms].flatMap(([term, c]) => {
			if (term === a.one || c === 0) return [];
			return [term === rest ? a.product(one, a.call('sigma', a.negative(x))) : a.product(c, term)];
		});
	}
	return null;
}
