/** Symbolic derivatives. */
import { FUNCTIONS } from '../functions.ts';
import type { Algebra, CallForm, Expr } from '../tree.ts';

/** ∂x/∂name, all other names constant. */
export function derivative(a: Algebra, x: Expr, name: string): Expr {
	const known = new Map<Expr, Expr>();
	const d = (y: Expr): Expr => {
		const before = known.get(y);
		if (before) return before;
		const made = rule(y);
		known.set(y, made);
		return made;
	};
	const rule = (y: Expr): Expr => {
		switch (y.kind) {
			case 'number':
				return a.zero;
			case 'name':
				return y.name === name ? a.one : a.zero;
			case 'sum':
				return factored(a, a.sum(...y.args.map(d)));
			case 'product':
				return factored(a, a.sum(...productRule(a, y.args, d)));
			case 'power':
				return a.sum(...powerRule(a, y.args, d));
			case 'call':
				return a.sum(...chainRule(a, y, d));
		}
	};
	return d(x);
}

type Derive = (x: Expr) => Expr;

function productRule(a: Algebra, factors: readonly Expr[], d: Derive): Expr[] {
	return factors.flatMap((factor, i) =>
		d(factor) === a.zero ? [] : [a.product(...factors.with(i, d(factor)))],
	);
}

function powerRule(a: Algebra, [base, exponent]: readonly [Expr, Expr], d: Derive): Expr[] {
	const [dBase, dExponent] = [d(base), d(exponent)];
	const byBase = dBase === a.zero ? a.zero : a.product(exponent, dBase, a.power(base, a.sum(exponent, -1)));
	if (dExponent === a.zero) return [byBase];
	return [byBase, a.product(a.power(base, exponent), a.call('log', base), dExponent)];
}

function chainRule(a: Algebra, { fn, args }: CallForm<Expr>, d: Derive): Expr[] {
	const inner = args.map(d);
	if (inner.every((x) => x === a.zero)) return [];
	return FUNCTIONS[fn].partials(a, ...args).map((partial, i) => a.product(inner[i] ?? a.zero, partial));
}

/** Factors that all terms share in front: β·x − β·y = β·(x − y). */
function factored(a: Algebra, x: Expr): Expr {
	if (x.kind !== 'sum') return x;
	const factors = x.args.map((term) =>
		(term.kind === 'product' ? term.args : [term]).filter(({ kind }) => kind !== 'number'),
	);
	const common = (factors[0] ?? []).filter((factor) => factors.every((list) => list.includes(factor)));
	if (common.length === 0) return x;
	const inverses = common.map((f) => a.power(f, -1));
	return a.product(...common, a.sum(...x.args.map((term) => a.product(term, ...inverses))));
}
