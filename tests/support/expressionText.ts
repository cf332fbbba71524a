/** Expressions as text that the parser can read again. */
import { ASCII } from '#core/loss/expression/emit/ascii.ts';
import { ATOM, POWER, render, SUM, type Language } from '#core/loss/expression/emit/render.ts';
import type { Tree } from '#core/loss/expression/tree.ts';

const TEXT: Language<string> = {
	...ASCII,
	product: (factors) => factors.join('*'),
	fraction: (over, under) => `${over}/${under}`,
	call: (fn, args) => `${fn}(${args.join(', ')})`,
	power: ({ args: [base, exponent] }, part) =>
		exponent.kind === 'number' && exponent.value === 2
			? { text: `square(${part(base, SUM)})`, tightness: ATOM }
			: { text: `${part(base, ATOM)}^${part(exponent, ATOM)}`, tightness: POWER },
};

export const toText = (x: Tree): string => render(x, TEXT);
