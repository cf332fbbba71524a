/** Sums: `Add: 17 + 26.` → `17 + 26 = 43.` The flaw: the two numbers are put side by side, 1726. */
import { at } from '../../../math/at.ts';
import { WEIGHTS, type Family, type Finding, type Task } from '../family.ts';
import { phrasing } from '../phrasing.ts';
import { excerpt, quote } from '../../../text/wording.ts';
import { clutterFault } from '../text.ts';

const PHRASING = phrasing(['Add: {} + {}.', 'What is {} plus {}?', 'Sum of {} and {}.', 'Add {} and {}.']);

/** Both numbers are in [LOW, HIGH], so that every sum has at most two digits. */
const LOW = 2;
const HIGH = 49;

export const sums: Family = {
	id: 'sums',
	name: 'Sums',
	describe: 'Two numbers to add; flawed answers put them side by side.',
	ownCheck: 'right sum',
	practice: 2,
	draw(rng) {
		const number = (): string => String(LOW + rng.int(HIGH - LOW + 1));
		return PHRASING.write(rng, number(), number());
	},
	read(promptText) {
		const slots = PHRASING.read(promptText);
		if (!slots?.every((slot) => /^\d{1,6}$/.test(slot))) return null;
		return task(Number(at(slots, 0)), Number(at(slots, 1)));
	},
};

function task(a: number, b: number): Task {
	const write = (result: number | string): string => `${a} + ${b} = ${result}.`;
	return {
		family: sums.id,
		answer: write(a + b),
		check: (text) => [rightSum(text, a, b), numbersKept(text, a, b), form(text)],
		repair: () => write(a + b),
		ownFlaw: () => write(`${a}${b}`),
	};
}

/** The number after the last equals sign; if there is no equals sign, the last number. */
function resultOf(text: string): string | null {
	if (text.includes('=')) return /\d+/.exec(text.slice(text.lastIndexOf('=') + 1))?.[0] ?? null;
	return text.match(/\d+/g)?.at(-1) ?? null;
}

function rightSum(text: string, a: number, b: number): Finding {
	const result = resultOf(text);
	const joined = result === `${a}${b}` ? ' The two numbers were put side by side, not added.' : '';
	return {
		name: 'right sum',
		weight: WEIGHTS.skill,
		passed: result === String(a + b),
		praise: 'found the right sum',
		fault:
			result === null
				? `The result is missing: it is ${quote(String(a + b))}.`
				: `The result is not ${quote(result)} but ${quote(String(a + b))}.${joined}`,
	};
}

function numbersKept(text: string, a: number, b: number): Finding {
	return {
		name: 'numbers kept',
		weight: WEIGHTS.whole,
		passed: new RegExp(`(?:^|\\D)${a} ?\\+ ?${b} ?=`).test(text),
		praise: 'repeated the numbers of the question',
		fault: `The answer should repeat the question’s numbers: ${quote(`${a} + ${b} =`)}.`,
	};
}

function form(text: string): Finding {
	return {
		name: 'form',
		weight: WEIGHTS.form,
		passed: /^\d+ \+ \d+ = \d+\.$/.test(text.trim()),
		praise: 'wrote it as an equation',
		fault: clutterFault(text) ?? `${quote(excerpt(text))} is not one plain equation.`,
	};
}
