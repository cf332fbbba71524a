/**
 * Function calls: recognises log σ, softplus, log(1 − eˣ) and σ in any spelling, so that none of them
 * overflows.
 */
import { FUNCTIONS } from '../functions.ts';
import type { FunctionName } from '../names.ts';
import { isCall, type Expr } from '../tree.ts';
import { isPositive, leadingSign, twoExponentials } from './signs.ts';
import type { Builder } from './builder.ts';

/** A constant whose digits are no longer than this is written as a number; log(2) reads better than its digits. */
const SHORT_NUMBER = 6;

type Rule = (a: Builder, x: Expr, y: Expr) => Expr | null;

const RULES: Partial<Record<FunctionName, Rule>> = {
	exp: expOf,
	log: logOf,
	max: (_, x, y) => (x === y ? x : null),
	min: (_, x, y) => (x === y ? x : null),
	detach: (_, x) => (x.kind === 'number' || isCall(x, 'detach') ? x : null),
};

export function call(a: Builder, fn: FunctionName, args: readonly Expr[]): Expr {
	a.nodes.spend(1);
	const [typed = a.zero, second = a.zero] = args;
	const mirrored = FUNCTIONS[fn].even === true && leadingSign(a, typed) < 0;
	const first = mirrored ? a.negative(typed) : typed;
	const made =
		RULES[fn]?.(a, first, second) ?? a.nodes.intern({ kind: 'call', fn, args: [first, ...args.slice(1)] });
	const { constant } = made;
	return constant !== undefined && String(constant).length <= SHORT_NUMBER ? a.number(constant) : made;
}

function expOf(a: Builder, x: Expr): Expr | null {
	if (isCall(x, 'log')) return x.args[0] ?? null;
	// e^(log σ(u)) = σ(u) and e^(−u)·σ(u) = σ(−u)
	const logSigma = [x, ...(x.kind === 'sum' ? x.args : [])].find((term) => isCall(term, 'log_sigma'));
	const u = logSigma?.args[0];
	if (!logSigma || !u) return null;
	const rest = a.sum(x, a.negative(logSigma));
	if (rest === a.zero) return a.call('sigma', u);
	return rest === a.negative(u) ? a.call('sigma', rest) : null;
}

function logOf(a: Builder, x: Expr): Expr | null {
	if (isCall(x, 'exp')) return x.args[0] ?? null;
	if (isCall(x, 'sigma')) return a.call('log_sigma', ...x.args);
	if (x.kind === 'power' && isPositive(x)) return a.product(x.args[1], a.call('log', x.args[0]));
	if (x.kind === 'product') return logOfProduct(a, x.args);
	return logOfTwoExponentials(a, x);
}

/** log(x·y) = log x + log y for those factors that are positive. */
function logOfProduct(a: Builder, factors: readonly Expr[]): Expr | null {
	const positive = factors.filter(isPositive);
	if (positive.length === 0) return null;
	const others = factors.filter((x) => !isPositive(x));
	const logs = positive.map((x) => a.call('log', x));
	return others.length === 0 ? a.sum(...logs) : a.sum(...logs, a.call('log', a.product(...others)));
}

/** log(eᵃ + eᵇ) = a + softplus(b − a), log(eᵃ − eᵇ) = a + log(1 − e^(b − a)). */
function logOfTwoExponentials(a: Builder, x: Expr): Expr | null {
	const parts = twoExponentials(a, x);
	if (!parts) return null;
	const [p, q] = parts[0].sign >= parts[1].sign ? parts : [parts[1], parts[0]];
	if (p.sign < 0) return null;
	const difference = a.sum(q.exponent, a.negative(p.exponent));
	return a.sum(p.exponent, a.call(q.sign > 0 ? 'softplus' : 'log1mexp', difference));
}
