/** Products: flat, one number in front, equal bases collected, exponentials merged so that nothing overflows halfway. */
import { isCall, type Expr } from '../tree.ts';
import { leadingSign } from './signs.ts';
import type { Builder } from './builder.ts';

export function product(a: Builder, args: readonly Expr[]): Expr {
	const flat = args.flatMap((x) => (x.kind === 'product' ? x.args : [x]));
	a.nodes.spend(flat.length);
	const { coefficient, factors } = flat.length > 1 ? withSigns(a, flat) : { coefficient: 1, factors: flat };
	const { number, rest } = collected(a, factors);
	const scale = coefficient * number;
	if (scale === 0) return a.zero;
	const merged = mergedExponentials(a, rest);
	if (merged || rest.some(({ kind }) => kind === 'number' || kind === 'product')) {
		return a.product(scale, ...(merged ?? rest));
	}
	return scaled(a, scale, rest);
}

/** scale·(the product of factors that are in simplest form). */
function scaled(a: Builder, scale: number, factors: readonly Expr[]): Expr {
	const [only] = factors;
	if (!only) return a.number(scale);
	if (factors.length === 1 && scale === 1) return only;
	if (factors.length === 1 && scale === -1 && only.kind === 'sum') return a.sum(...only.args.map(a.negative));
	return a.nodes.intern({ kind: 'product', args: scale === 1 ? factors : [a.number(scale), ...factors] });
}

/** b − a as −(a − b), so that the two share a node. */
function withSigns(a: Builder, factors: readonly Expr[]): { coefficient: number; factors: Expr[] } {
	let coefficient = 1;
	const signed = factors.map((x) => {
		if (x.kind !== 'sum' || leadingSign(a, x) > 0) return x;
		coefficient = -coefficient;
		return a.sum(...x.args.map(a.negative));
	});
	return { coefficient, factors: signed };
}

/** The numbers multiplied, and xᵃ·xᵇ as x^(a+b). */
function collected(a: Builder, factors: readonly Expr[]): { number: number; rest: Expr[] } {
	let number = 1;
	const exponents = new Map<Expr, Expr>();
	for (const x of factors) {
		if (x.kind === 'number') {
			number *= x.value;
			continue;
		}
		const [base, exponent] = x.kind === 'power' ? x.args : [x, a.one];
		const before = exponents.get(base);
		exponents.set(base, before ? a.sum(before, exponent) : exponent);
	}
	const rest = [...exponents].map(([base, exponent]) => a.power(base, exponent));
	return { number, rest: rest.filter((x) => x !== a.one) };
}

/** The first of eᵃ·eᵇ = e^(a+b), σ(x)·σ(−x) = σ′(x), σ(x)·eᵛ = e^(v + log σ(x)) that applies. */
function mergedExponentials(a: Builder, factors: readonly Expr[]): Expr[] | null {
	const replaced = (used: readonly Expr[], made: Expr): Expr[] => [
		...factors.filter((x) => !used.includes(x)),
		made,
	];
	const exponentials = factors.filter((x) => isCall(x, 'exp'));
	const exponents = exponentials.flatMap(({ args }) => args);
	if (exponentials.length > 1) return replaced(exponentials, a.call('exp', a.sum(...exponents)));
	const sigmas = factors.filter((x) => isCall(x, 'sigma'));
	for (const sigma of sigmas) {
		const [x = a.zero] = sigma.args;
		const opposite = sigmas.length > 1 ? a.negative(x) : null;
		const mirror = sigmas.find(({ args }) => args[0] === opposite);
		if (mirror) return replaced([sigma, mirror], a.call('slope', x));
		const [exponent] = exponents;
		if (exponent) {
			return replaced([sigma, ...exponentials], a.call('exp', a.sum(exponent, a.call('log_sigma', x))));
		}
	}
	return null;
}
