/** Expressions → a function that computes them in f64. */
import { FUNCTIONS } from './functions.ts';
import { evaluationOrder, type Expr } from './tree.ts';

/** Values of the outputs for values of the inputs, both in the order given to {@link evaluator}. */
export type Evaluator = (inputs: readonly number[]) => number[];

/** Computes one node from the nodes before it. */
type Step = (done: Float64Array, inputs: readonly number[]) => number;

/** @param inputs the names that the outputs may read */
export function evaluator(outputs: readonly Expr[], inputs: readonly string[]): Evaluator {
	const order = evaluationOrder(outputs);
	const slots = new Map(order.map((x, i) => [x, i]));
	const slot = (x: Expr): number => slots.get(x) ?? 0;
	const steps = order.map((x) => stepOf(x, slot, inputs));
	return (values) => {
		const done = new Float64Array(order.length);
		for (const [i, step] of steps.entries()) done[i] = step(done, values);
		return outputs.map((x) => done[slot(x)] ?? NaN);
	};
}

function stepOf(x: Expr, slot: (x: Expr) => number, inputs: readonly string[]): Step {
	const slots = x.args.map(slot);
	switch (x.kind) {
		case 'number':
			return () => x.value;
		case 'name': {
			const input = inputs.indexOf(x.name);
			return (_, values) => values[input] ?? NaN;
		}
		case 'sum':
			return (done) => slots.reduce((total, i) => total + (done[i] ?? NaN), 0);
		case 'product':
			return productStep(x.args, slot);
		case 'power': {
			const [base = 0, exponent = 0] = slots;
			return (done) => power(done[base] ?? NaN, done[exponent] ?? NaN);
		}
		case 'call': {
			const { value } = FUNCTIONS[x.fn];
			return (done) => value(...slots.map((i) => done[i] ?? NaN));
		}
	}
}

/** Engines may round pow differently; a product is exact to half a unit. */
const power = (base: number, exponent: number): number => (exponent === 2 ? base * base : base ** exponent);

/** Divides by factors with the exponent −1: a division rounds once, a reciprocal and a product round twice. */
function productStep(factors: readonly Expr[], slot: (x: Expr) => number): Step {
	const parts = factors.map((x) => {
		const divisor = x.kind === 'power' && x.args[1].kind === 'number' && x.args[1].value === -1;
		return { divisor, at: slot(divisor ? x.args[0] : x) };
	});
	return (done) =>
		parts.reduce((total, { divisor, at }) => {
			const value = done[at] ?? NaN;
			return divisor ? total / value : total * value;
		}, 1);
}
