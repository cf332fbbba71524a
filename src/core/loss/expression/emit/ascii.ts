/** The parts with the same form in all programming languages. */
import type { Language } from './render.ts';

export const ASCII = {
	number: String,
	name: (name: string) => name,
	group: (inner: string) => `(${inner})`,
	negative: (inner: string) => `-${inner}`,
	sum: (first: string, rest: readonly { minus: boolean; text: string }[]) =>
		first + rest.map(({ minus, text }) => ` ${minus ? '-' : '+'} ${text}`).join(''),
	product: (factors: readonly string[]) => factors.join(' * '),
	fraction: (over: string, under: string) => `${over} / ${under}`,
} satisfies Partial<Language<string>>;
