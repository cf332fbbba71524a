/** No typed text crashes or hangs the compiler; each refusal has a place in the text. */
import { describe, expect, test } from 'vitest';
import { ExpressionError } from '#core/loss/expression/error.ts';
import { FUNCTION_NAMES } from '#core/loss/expression/names.ts';
import { parse } from '#core/loss/expression/parse/parse.ts';
import { rng, type Rng } from '#core/math/rng.ts';
import { valuesAtRewards } from '#core/loss/objectives/values.ts';
import { toText } from '#tests/support/expressionText.ts';
import { compileLoss, TRL_OBJECTIVES } from '#tests/support/trlObjectives.ts';

const PARAMETERS = { epsilon: 0.1, delta: 0.2, tau: 0.5, gamma: 1, alpha: 1 };
const VALUES = { ...valuesAtRewards(0.3, -0.7), len_w: 4, len_l: 6, mean_len_w: 5, kl: 0.5 };
const LOSSES = [...TRL_OBJECTIVES.values()].map(({ loss }) => loss);
const CALLS = [...FUNCTION_NAMES, 'square'].map((name) => `${name}(`);
const WORDS = [
	'r_w',
	'r_l',
	'logp_w',
	'len_w',
	'beta',
	'epsilon',
	'kl',
	'1',
	'0',
	'2',
	'-1',
	'.5',
	'1e9',
	'1e38',
];
const ODD = ['+', '-', '*', '/', '^', '(', ')', ',', 'toString', 'constructor', '__proto__', '\0', '\ud800'];

function tree(random: Rng, depth: number): string {
	if (depth === 0 || random.int(6) === 0) return random.pick(WORDS);
	const part = (): string => tree(random, depth - 1);
	if (random.int(2) === 0) return `(${part()}${random.pick(['+', '-', '*', '/', '^'])}${part()})`;
	const name = random.pick(CALLS);
	return name === 'max(' || name === 'min(' ? `${name}${part()},${part()})` : `${name}${part()})`;
}

function mutated(random: Rng): string {
	let text = random.pick(LOSSES);
	for (let changes = 1 + random.int(4); changes > 0; changes--) {
		const at = random.int(text.length + 1);
		const inserted = random.pick([
			'',
			random.pick([...WORDS, ...CALLS, ...ODD]),
			text.slice(at, at + random.int(20)),
		]);
		text = text.slice(0, at) + inserted + text.slice(at + random.int(3));
	}
	return text;
}

const MAKERS: Readonly<Record<string, (random: Rng) => string>> = {
	'objectives with changes': mutated,
	'tokens in any order': (random) =>
		Array.from({ length: random.int(60) }, () => random.pick([...WORDS, ...CALLS, ...ODD])).join(' '),
	'any characters': (random) =>
		Array.from({ length: random.int(80) }, () => String.fromCodePoint(random.int(0x3000))).join(''),
	'trees that mean something': (random) => tree(random, 2 + random.int(7)),
	'the same again and again': (random) =>
		random.pick(['(', '-', 'sigma(', '1^', 'r_w*', '/', 'é', '((r_w+1)*', '"']).repeat(random.int(3000)),
};

/**
 * Compiles a text and uses every output. Returns the loss, or null if the text is refused with an
 * ExpressionError.
 */
function used(text: string): number | null {
	try {
		const objective = compileLoss(text, PARAMETERS);
		objective.gradientOf(VALUES);
		objective.rewardGradientOf(VALUES);
		return objective.lossOf(VALUES);
	} catch (error) {
		if (!(error instanceof ExpressionError)) throw error;
		expect(error.at).toBeGreaterThanOrEqual(0);
		expect(error.end).toBeGreaterThanOrEqual(error.at);
		expect(error.end).toBeLessThanOrEqual(text.length);
		return null;
	}
}

test.each(Object.keys(MAKERS))('%s', (kind) => {
	const random = rng(1).fork(kind);
	let valid = 0;
	for (let i = 0; i < 600; i++) {
		const text = MAKERS[kind]!(random);
		const loss = used(text);
		if (loss === null) continue;
		valid++;
		// The printed text must read as the same value.
		const again = used(toText(parse(text, Object.keys(PARAMETERS))));
		expect(again, text).toSatisfy(
			(value) => Object.is(value, loss) || Math.abs(Number(value) - loss) <= 1e-9 * Math.abs(loss),
		);
	}
	if (kind === 'trees that mean something') expect(valid).toBeGreaterThan(200);
});

describe('the slowest texts that fit are cheap or refused', () => {
	const nested = (wrap: (inner: string) => string): string => {
		let text = 'r_w';
		for (let i = 0; i < 62 && wrap(text).length <= 2000; i++) text = wrap(text);
		return text;
	};
	const joined = (part: (i: number) => string, mark: string): string => {
		let text = part(1);
		for (let i = 2; text.length + part(i).length < 2000; i++) text += mark + part(i);
		return text;
	};
	test.each([
		joined((i) => `(r_w+${i}*r_l)`, '*'),
		joined((i) => `exp(r_w*${i})`, '+'),
		joined((i) => `sigma(r_w*${i})`, '*'),
		joined((i) => `max(r_w,${i})`, '*'),
		nested((x) => `(r_w+r_l)*sigma(${x}-r_l)`),
		nested((x) => `sigma(${x})*(${x})`),
		nested((x) => `-(${x}-1)`),
		nested((x) => `(${x}+1)^r_l`),
		nested((x) => `log(1+exp(${x}))`),
		nested((x) => `(r_w+sigma(r_l)*${x})*r_w`),
	])('%.40s…', (text) => {
		// Without the budget of work these texts take minutes, beyond the runner's limit.
		expect(() => used(text)).not.toThrow();
	});
});
