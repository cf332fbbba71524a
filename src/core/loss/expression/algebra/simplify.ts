/** The text as typed → its simplified form. */
import { located } from '../error.ts';
import type { Expr, Syntax } from '../tree.ts';
import type { Builder } from './builder.ts';

/** @throws ExpressionError at the part of the text with an unusable value */
export function simplify(a: Builder, syntax: Syntax): Expr {
	const args = syntax.args.map((arg) => simplify(a, arg));
	return located(syntax, () => build(a, syntax, args));
}

function build(a: Builder, syntax: Syntax, args: readonly Expr[]): Expr {
	switch (syntax.kind) {
		case 'number':
			return a.number(syntax.value);
		case 'name':
			return a.name(syntax.name);
		case 'sum':
			return a.sum(...args);
		case 'product':
			return a.product(...args);
		case 'power': {
			const [base = a.one, exponent = a.one] = args;
			return a.power(base, exponent);
		}
		case 'call':
			return a.call(syntax.fn, ...args);
	}
}
