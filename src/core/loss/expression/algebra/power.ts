/** Powers, and with them quotients: a/b is a·b⁻¹. */
import { isCall, type Expr } from '../tree.ts';
import { leadingSign, splitCoefficient, twoExponentials } from './signs.ts';
import type { Builder } from './builder.ts';

export function power(a: Builder, base: Expr, exponent: Expr): Expr {
	a.nodes.spend(1);
	if (exponent === a.one) return base;
	if (exponent === a.zero || base === a.one) return a.one;
	if (isCall(base, 'exp')) return a.call('exp', a.product(...base.args, exponent));
	if (exponent.kind !== 'number') return a.nodes.intern({ kind: 'power', args: [base, exponent] });
	if (base.kind === 'number') return a.number(base.value ** exponent.value);
	const simpler =
		(exponent.value === -1 ? reciprocal(a, base) : null) ??
		(Number.isInteger(exponent.value) ? wholePower(a, base, exponent.value) : null);
	return simpler ?? a.nodes.intern({ kind: 'power', args: [base, exponent] });
}

/** 1/(x·y) = 1/x · 1/y, and 1/(eᵃ + eᵇ) = e⁻ᵃ·σ(a − b). */
function reciprocal(a: Builder, base: Expr): Expr | null {
	if (base.kind === 'product') return a.product(...base.args.map((x) => a.power(x, -1)));
	const parts = twoExponentials(a, base);
	if (parts?.[0].sign !== parts?.[1].sign || !parts) return null;
	const [x, y] = parts;
	const ratio = a.call('sigma', a.sum(x.exponent, a.negative(y.exponent)));
	return a.product(x.sign, a.call('exp', a.negative(x.exponent)), ratio);
}

/** (xᵇ)ⁿ = x^(b·n), (−x)²ⁿ = x²ⁿ, (c·x)ⁿ = cⁿ·xⁿ: true for whole n and x of either sign. */
function wholePower(a: Builder, base: Expr, n: number): Expr | null {
	if (base.kind === 'power' && base.args[1].kind === 'number') {
		return a.power(base.args[0], base.args[1].value * n);
	}
	if (n % 2 === 0 && leadingSign(a, base) < 0) return a.power(a.negative(base), n);
	const { coefficient, rest } = splitCoefficient(a, base);
	return coefficient === 1 ? null : a.product(coefficient ** n, a.power(rest, n));
}
