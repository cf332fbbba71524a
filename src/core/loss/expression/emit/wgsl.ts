/**
 * Expressions → WGSL in f32. Identifiers are those of the expression; functions that WGSL lacks are defined as helpers.
 */
import { FUNCTIONS } from '../functions.ts';
import { functionNamed } from '../names.ts';
import { evaluationOrder, namesIn, type Expr } from '../tree.ts';
import { ASCII } from './ascii.ts';
import { ATOM, SUM, type Language } from './render.ts';
import { statements } from './statements.ts';

const WGSL: Language<string> = {
	...ASCII,
	foldsConstants: true,
	number: floatLiteral,
	call(fn, args) {
		const { wgsl } = FUNCTIONS[fn];
		return 'inline' in wgsl ? wgsl.inline(...args) : `${fn}(${args.join(', ')})`;
	},
	power({ args: [base, exponent] }, part) {
		const text = isTwo(exponent)
			? `square(${part(base, SUM)})`
			: `power(${part(base, SUM)}, ${part(exponent, SUM)})`;
		return { text, tightness: ATOM };
	},
};

/** The helper that a power needs; empty for a quotient. */
function powerHelper(exponent: Expr): string {
	const n = exponent.kind === 'number' ? Math.abs(exponent.value) : NaN;
	if (n === 1) return '';
	return n === 2 ? 'square' : 'power';
}

const isTwo = (x: { kind: string; value?: number }): boolean => x.kind === 'number' && x.value === 2;

/** Significant digits that distinguish all float32 values. */
const MOST_DIGITS = 9;

/** The shortest literal that rounds to the same float32. */
function floatLiteral(value: number): string {
	const single = Math.fround(value);
	let digits = 1;
	while (digits < MOST_DIGITS && Math.fround(Number(single.toPrecision(digits))) !== single) digits++;
	const text = String(Number(single.toPrecision(digits)));
	return /[.e]/.test(text) ? text : `${text}.0`;
}

interface Definition {
	readonly parameters: readonly string[];
	readonly body: string;
	readonly uses: readonly string[];
}

/** Uses series, because a driver may "optimise" (1 + x) − 1 away. */
const NUMERIC: ReadonlyMap<string, Omit<Definition, 'uses'>> = new Map([
	[
		'log1p', // −1 < x ≤ 1
		{
			parameters: ['x'],
			body: `if (x < -0.5) { return log(1.0 + x); }
	let z = x / (2.0 + x); let q = z * z;
	return 2.0 * z * (1.0 + q * (1.0/3.0 + q * (1.0/5.0 + q * (1.0/7.0 + q * (1.0/9.0 + q * (1.0/11.0 + q / 13.0))))));`,
		},
	],
	[
		'expm1',
		{
			parameters: ['x'],
			body: `if (abs(x) > 0.5) { return exp(x) - 1.0; }
	return x * (1.0 + x/2.0 * (1.0 + x/3.0 * (1.0 + x/4.0 * (1.0 + x/5.0 * (1.0 + x/6.0 * (1.0 + x/7.0 * (1.0 + x/8.0)))))));`,
		},
	],
	['square', { parameters: ['x'], body: 'return x * x;' }],
	[
		// pow is undefined for a negative base.
		'power',
		{
			parameters: ['x', 'y'],
			body: `let p = pow(abs(x), y);
	return select(p, -p, x < 0.0 && abs(y) % 2.0 == 1.0);`,
		},
	],
]);

function definitionOf(name: string): Definition | null {
	const numeric = NUMERIC.get(name);
	if (numeric) return { ...numeric, uses: [] };
	const fn = functionNamed(name);
	if (!fn) return null;
	const { wgsl } = FUNCTIONS[fn];
	return 'inline' in wgsl ? null : { parameters: ['x'], body: wgsl.body, uses: wgsl.uses ?? [] };
}

/** All definitions that the outputs need, directly or through other definitions. */
function helpersOf(outputs: readonly Expr[]): string[] {
	const found = new Map<string, string>();
	const add = (name: string): void => {
		const definition = found.has(name) ? null : definitionOf(name);
		if (!definition) return;
		definition.uses.forEach(add);
		found.set(name, functionText(name, definition.parameters, definition.body));
	};
	for (const x of evaluationOrder(outputs)) {
		// A part without names is written as a number.
		if (x.constant !== undefined) continue;
		if (x.kind === 'call') add(x.fn);
		if (x.kind === 'power') add(powerHelper(x.args[1]));
	}
	return [...found.values()];
}

const functionText = (name: string, parameters: readonly string[], body: string): string =>
	`fn ${name}(${parameters.map((parameter) => `${parameter}: f32`).join(', ')}) -> f32 {\n\t${body}\n}`;

export interface Wgsl {
	/** Definitions at module scope that the expressions call. */
	helpers: string;
	/** One f32 expression for each output, over identifiers named as the expression's symbols. */
	expressions: string[];
}

/** @param outputs by name; an output that needs variables becomes a function of that name */
export function toWgsl(outputs: Readonly<Record<string, Expr>>): Wgsl {
	const helpers = helpersOf(Object.values(outputs));
	const expressions = Object.entries(outputs).map(([name, x]) => {
		const { variables, results } = statements([x], WGSL);
		const [result = '0.0'] = results;
		if (variables.length === 0) return result;
		const lines = variables.map((variable) => `let ${variable.name} = ${variable.value};`);
		const inputs = namesIn([x]);
		helpers.push(functionText(name, inputs, [...lines, `return ${result};`].join('\n\t')));
		return `${name}(${inputs.join(', ')})`;
	});
	return { helpers: helpers.join('\n'), expressions };
}
