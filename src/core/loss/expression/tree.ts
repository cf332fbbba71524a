/**
 * The two types of expression trees. {@link Syntax} is the text as typed, with places, for display; {@link
 * Expr} is the simplified form with shared nodes, for evaluation and differentiation. Both have the shape of
 * {@link Tree}.
 */
import type { Span } from './error.ts';
import type { FunctionName } from './names.ts';

export interface NumberForm {
	readonly kind: 'number';
	readonly value: number;
	readonly args: readonly [];
}
export interface NameForm {
	readonly kind: 'name';
	readonly name: string;
	readonly args: readonly [];
}
/** a − b is a + (−1)·b. */
export interface SumForm<T> {
	readonly kind: 'sum';
	readonly args: readonly T[];
}
/** a / b is a·b⁻¹. */
export interface ProductForm<T> {
	readonly kind: 'product';
	readonly args: readonly T[];
}
export interface PowerForm<T> {
	readonly kind: 'power';
	/** Base and exponent. */
	readonly args: readonly [T, T];
}
export interface CallForm<T> {
	readonly kind: 'call';
	readonly fn: FunctionName;
	readonly args: readonly T[];
}
export type Form<T> = NumberForm | NameForm | SumForm<T> | ProductForm<T> | PowerForm<T> | CallForm<T>;

/** Present in simplified trees only: the node's value if no name is below it. */
interface Constant {
	readonly constant?: number | undefined;
}
export type Tree = (
	NumberForm | NameForm | SumForm<Tree> | ProductForm<Tree> | PowerForm<Tree> | CallForm<Tree>
) &
	Constant;

export type Syntax = (
	NumberForm | NameForm | SumForm<Syntax> | ProductForm<Syntax> | PowerForm<Syntax> | CallForm<Syntax>
) &
	Span;

interface Identity {
	/** Larger than the ids of its arguments, so that sorting by id gives an order of evaluation. */
	readonly id: number;
	readonly constant: number | undefined;
}
/** Equal nodes of one algebra are one object: `===` is equality. */
export type Expr = (
	NumberForm | NameForm | SumForm<Expr> | ProductForm<Expr> | PowerForm<Expr> | CallForm<Expr>
) &
	Identity;

/** Builds simplified nodes. Numbers stand for their nodes. */
export interface Algebra {
	readonly zero: Expr;
	readonly one: Expr;
	readonly number: (value: number) => Expr;
	readonly name: (name: string) => Expr;
	readonly sum: (...terms: readonly (Expr | number)[]) => Expr;
	readonly product: (...factors: readonly (Expr | number)[]) => Expr;
	readonly power: (base: Expr | number, exponent: Expr | number) => Expr;
	readonly call: (fn: FunctionName, ...args: readonly (Expr | number)[]) => Expr;
	readonly negative: (x: Expr) => Expr;
}

export function isCall<F extends FunctionName>(x: Expr, fn: F): x is CallForm<Expr> & Identity & { fn: F } {
	return x.kind === 'call' && x.fn === fn;
}

/** Every node below the outputs once, in an order of evaluation: arguments first. */
export function evaluationOrder(outputs: readonly Expr[]): Expr[] {
	const seen = new Set<Expr>();
	const open = [...outputs];
	for (let x = open.pop(); x !== undefined; x = open.pop()) {
		if (seen.has(x)) continue;
		seen.add(x);
		open.push(...x.args);
	}
	return [...seen].sort((a, b) => a.id - b.id);
}

/** Names that the outputs read, in order of first use. */
export function namesIn(outputs: readonly Expr[]): string[] {
	return evaluationOrder(outputs).flatMap((x) => (x.kind === 'name' ? [x.name] : []));
}
