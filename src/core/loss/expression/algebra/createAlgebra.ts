/** One algebra for one objective: the constructors of simplified nodes over one set of shared nodes. */
import type { Expr } from '../tree.ts';
import { call } from './call.ts';
import { Interner } from './interner.ts';
import { power } from './power.ts';
import { product } from './product.ts';
import { sum } from './sum.ts';
import type { Builder } from './builder.ts';

/**
 * Every constructor returns a node in simplified form.
 *
 * @throws AlgebraError, in any constructor, if a constant is not a finite float32 or the work exceeds its budget
 */
export function createAlgebra(): Builder {
	const nodes = new Interner();
	// −0 and 0 are one number.
	const number = (value: number): Expr => nodes.intern({ kind: 'number', value: value + 0, args: [] });
	const node = (x: Expr | number): Expr => (typeof x === 'number' ? number(x) : x);
	// Cached, because nested −(a − b·σ(−(…))) would be rebuilt at every level.
	const negatives = new Map<Expr, Expr>();

	const a: Builder = {
		nodes,
		zero: number(0),
		one: number(1),
		number,
		name: (name) => nodes.intern({ kind: 'name', name, args: [] }),
		sum: (...terms) => sum(a, terms.map(node)),
		product: (...factors) => product(a, factors.map(node)),
		power: (base, exponent) => power(a, node(base), node(exponent)),
		call: (fn, ...args) => call(a, fn, args.map(node)),
		negative: (x) => {
			const known = negatives.get(x);
			if (known) return known;
			const made = a.product(-1, x);
			negatives.set(x, made);
			return made;
		},
	};
	return a;
}
