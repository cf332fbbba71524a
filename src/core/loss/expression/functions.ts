/**
 * The primitives of the expression language. The rest of the code knows a function only by its row. To add
 * one, write its row here and its name in names.ts.
 *
 * At a kink the derivative equals torch's: relu′(0) = 0, abs′(0) = 0, max and min share equally.
 */
import { logSigmoid, sigmoid, sigmoidSlope } from '../../math/sigmoid.ts';
import { applied, wordOf, mfrac, mi, mn, mo, msup, parenthesised, type MathRow } from './emit/mathNodes.ts';
import type { FunctionName } from './names.ts';
import type { Algebra, Expr } from './tree.ts';

type TextOf = (...args: readonly string[]) => string;

/** WGSL has the function, or needs a definition: the body of a function of x, and the definitions that the body calls. */
type WgslForm = { readonly inline: TextOf } | { readonly body: string; readonly uses?: readonly string[] };

export interface Primitive {
	readonly arity: 1 | 2;
	/** The value is always above 0. */
	readonly positive?: true;
	/** f(−x) = f(x). */
	readonly even?: true;
	/** In f64, without overflow on the way to a finite result. */
	readonly value: (...args: number[]) => number;
	/** The derivative by each argument. */
	readonly partials: (a: Algebra, ...args: Expr[]) => readonly Expr[];
	readonly wgsl: WgslForm;
	readonly torch: TextOf;
	readonly math: (...args: MathRow[]) => MathRow;
}

const call =
	(name: string): TextOf =>
	(...args) =>
		`${name}(${args.join(', ')})`;
const word =
	(name: string): Primitive['math'] =>
	(...args) =>
		applied(mi(name), args);

const SIGMA = mi('σ');
const exponential = (x: MathRow): MathRow => [msup([mi('e')], x)];
const oneMinusExp = (x: MathRow): MathRow => [mn('1'), mo('−'), ...exponential(x)];

/** 1 if x > y, 1/2 if they are equal, otherwise 0: the shares of max and min in the gradient. */
const above = (a: Algebra, x: Expr, y: Expr): Expr =>
	a.product(0.5, a.sum(1, a.call('sign', a.sum(x, a.negative(y)))));

export const FUNCTIONS: Readonly<Record<FunctionName, Primitive>> = {
	sigma: {
		arity: 1,
		positive: true,
		value: sigmoid,
		partials: (a, x) => [a.call('slope', x)],
		wgsl: { body: 'let e = exp(-abs(x)); return select(e, 1.0, x >= 0.0) / (1.0 + e);' },
		torch: call('torch.sigmoid'),
		math: (x) => applied(SIGMA, [x]),
	},
	// σ′(x) = σ(x)·σ(−x), at most 1/4.
	slope: {
		arity: 1,
		positive: true,
		even: true,
		value: sigmoidSlope,
		partials: (a, x) => [a.product(-1, a.call('slope', x), a.call('tanh', a.product(0.5, x)))],
		wgsl: { body: 'return sigma(x) * sigma(-x);', uses: ['sigma'] },
		torch: (x) => `(torch.sigmoid(${x}) * torch.sigmoid(-(${x})))`,
		math: (x) => applied(msup([SIGMA], [mi('′')]), [x]),
	},
	log_sigma: {
		arity: 1,
		value: logSigmoid,
		partials: (a, x) => [a.call('sigma', a.negative(x))],
		wgsl: { body: 'return min(x, 0.0) - log1p(exp(-abs(x)));', uses: ['log1p'] },
		torch: call('F.logsigmoid'),
		math: (x) => wordOf('log', applied(SIGMA, [x])),
	},
	// log(1 + eˣ) = −log σ(−x). torch's becomes linear at 20.
	softplus: {
		arity: 1,
		positive: true,
		value: (x) => -logSigmoid(-x),
		partials: (a, x) => [a.call('sigma', x)],
		wgsl: { body: 'return max(x, 0.0) + log1p(exp(-abs(x)));', uses: ['log1p'] },
		torch: (x) => `(-F.logsigmoid(-(${x})))`,
		math: (x) => wordOf('log', parenthesised([mn('1'), mo('+'), ...exponential(x)])),
	},
	exp: {
		arity: 1,
		positive: true,
		value: Math.exp,
		partials: (a, x) => [a.call('exp', x)],
		wgsl: { inline: call('exp') },
		torch: call('torch.exp'),
		math: exponential,
	},
	log: {
		arity: 1,
		value: Math.log,
		partials: (a, x) => [a.power(x, -1)],
		wgsl: { inline: call('log') },
		torch: call('torch.log'),
		math: (x) => wordOf('log', parenthesised(x)),
	},
	// log(1 − eˣ) for x < 0: the log-probability of "not y" from that of y.
	log1mexp: {
		arity: 1,
		value: (x) => (x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x))),
		partials: (a, x) => [a.negative(a.call('odds', x))],
		wgsl: {
			body: 'return select(log1p(-exp(x)), log(-expm1(x)), x > -0.6931472);',
			uses: ['log1p', 'expm1'],
		},
		torch: (x) => `torch.log(-torch.expm1(${x}))`,
		math: (x) => wordOf('log', parenthesised(oneMinusExp(x))),
	},
	// p / (1 − p) of the log-probability x = log p.
	odds: {
		arity: 1,
		value: (x) => 1 / Math.expm1(-x),
		partials: (a, x) => [a.product(a.call('odds', x), a.sum(1, a.call('odds', x)))],
		wgsl: { body: 'return 1.0 / expm1(-x);', uses: ['expm1'] },
		torch: (x) => `(1 / torch.expm1(-(${x})))`,
		math: (x) => [mfrac(exponential(x), oneMinusExp(x))],
	},
	tanh: {
		arity: 1,
		value: Math.tanh,
		partials: (a, x) => [a.product(4, a.call('slope', a.product(2, x)))],
		// Some drivers compute it from exponentials that overflow.
		wgsl: { inline: (x) => `tanh(clamp(${x}, -15.0, 15.0))` },
		torch: call('torch.tanh'),
		math: word('tanh'),
	},
	relu: {
		arity: 1,
		value: (x) => Math.max(x, 0),
		partials: (a, x) => [a.call('step', x)],
		wgsl: { inline: (x) => `max(${x}, 0.0)` },
		torch: call('torch.relu'),
		math: (x) => applied(mi('max'), [[mn('0')], x]),
	},
	// 1 if x > 0, otherwise 0.
	step: {
		arity: 1,
		value: (x) => (x > 0 ? 1 : 0),
		partials: (a) => [a.zero],
		wgsl: { inline: (x) => `select(0.0, 1.0, ${x} > 0.0)` },
		torch: (x) => `((${x}) > 0).to(logp_w)`,
		math: (x) => [mn('1'), mo('['), ...x, mo('>'), mn('0'), mo(']')],
	},
	abs: {
		arity: 1,
		even: true,
		value: Math.abs,
		partials: (a, x) => [a.call('sign', x)],
		wgsl: { inline: call('abs') },
		torch: call('torch.abs'),
		math: (x) => [mo('|'), ...x, mo('|')],
	},
	sign: {
		arity: 1,
		value: Math.sign,
		partials: (a) => [a.zero],
		wgsl: { inline: call('sign') },
		torch: call('torch.sign'),
		math: word('sign'),
	},
	max: {
		arity: 2,
		value: Math.max,
		partials: (a, x, y) => [above(a, x, y), above(a, y, x)],
		wgsl: { inline: call('max') },
		torch: call('torch.maximum'),
		math: word('max'),
	},
	min: {
		arity: 2,
		value: Math.min,
		partials: (a, x, y) => [above(a, y, x), above(a, x, y)],
		wgsl: { inline: call('min') },
		torch: call('torch.minimum'),
		math: word('min'),
	},
	// The value without its gradient; papers write sg(x).
	detach: {
		arity: 1,
		value: (x) => x,
		partials: (a) => [a.zero],
		wgsl: { inline: (x) => x },
		torch: (x) => `(${x}).detach()`,
		math: word('sg'),
	},
};
