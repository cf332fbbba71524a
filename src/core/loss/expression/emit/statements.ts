/** Expressions as a program: shared and long parts are computed once, into variables. */
import { evaluationOrder, type Expr } from '../tree.ts';
import { render, type Language } from './render.ts';

/** Longer lines are split, so that no expression nests deeper than compilers allow. */
const LONGEST_LINE = 100;

export interface Statements {
	/** Variables t0, t1, … and their values, in order of evaluation. */
	variables: { name: string; value: string }[];
	/** The outputs, in terms of the variables. */
	results: string[];
}

export function statements(outputs: readonly Expr[], language: Language<string>): Statements {
	const order = evaluationOrder(outputs);
	const uses = new Map<Expr, number>();
	for (const x of [...order.flatMap(({ args }) => args), ...outputs]) uses.set(x, (uses.get(x) ?? 0) + 1);
	const names = new Map<Expr, string>();
	const variables: Statements['variables'] = [];
	for (const x of order) {
		if (x.args.length === 0 || x.constant !== undefined) continue;
		const value = render(x, language, names);
		if ((uses.get(x) ?? 0) < 2 && value.length < LONGEST_LINE) continue;
		const name = `t${variables.length}`;
		variables.push({ name, value });
		names.set(x, name);
	}
	return { variables, results: outputs.map((x) => render(x, language, names)) };
}
