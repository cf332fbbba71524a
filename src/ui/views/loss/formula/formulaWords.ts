/** The names and functions of the formula field, each with its meaning. */
import { FUNCTIONS } from '#core/loss/expression/functions.ts';
import { FUNCTION_NAMES, PARAMETER_LETTERS, type FunctionName } from '#core/loss/expression/names.ts';

export interface FormulaWord {
	/** The word as listed: `sigma(x)`. */
	readonly label: string;
	/** Inserted at the cursor. */
	readonly insert: string;
	/** Characters from the end of the inserted text back to the cursor: inside the parentheses of a function. */
	readonly back: number;
	readonly meaning: string;
}

const name = (word: string, meaning: string): FormulaWord => ({
	label: word,
	insert: word,
	back: 0,
	meaning,
});

const VALUES: readonly FormulaWord[] = [
	name('r_w', 'reward of the chosen answer'),
	name('r_l', 'reward of the rejected answer'),
	name('logp_w', 'log-probability of the chosen answer, in nats, at most 0'),
	name('logp_l', 'log-probability of the rejected answer'),
	name('ref_w', 'log-probability of the chosen answer under the base model'),
	name('ref_l', 'log-probability of the rejected answer under the base model'),
	name('len_w', 'length of the chosen answer in tokens'),
	name('len_l', 'length of the rejected answer in tokens'),
	name('mean_len_w', 'mean length of the chosen answers of the step'),
	name('beta', 'β of the recipe'),
];

const MEANINGS: Readonly<Record<FunctionName, string>> = {
	sigma: 'sigmoid, from 0 to 1',
	slope: 'slope of the sigmoid, at most 1/4',
	log_sigma: 'logarithm of the sigmoid, without overflow',
	softplus: 'log(1 + eˣ)',
	exp: 'eˣ',
	log: 'natural logarithm, for x above 0',
	log1mexp: 'log(1 − eˣ), for x below 0',
	odds: 'p / (1 − p) of a log-probability',
	tanh: 'hyperbolic tangent, from −1 to 1',
	relu: 'x, and 0 below 0',
	step: '1 above 0, otherwise 0',
	abs: 'size without the sign',
	sign: '1, 0 or −1',
	max: 'the larger of two',
	min: 'the smaller of two',
	detach: 'the value without its gradient',
};

const functionWord = (word: string, arity: 1 | 2, meaning: string): FormulaWord => ({
	label: arity === 1 ? `${word}(x)` : `${word}(x, y)`,
	insert: arity === 1 ? `${word}()` : `${word}(, )`,
	back: arity === 1 ? 1 : 3,
	meaning,
});

const CALLS: readonly FormulaWord[] = [
	...FUNCTION_NAMES.map((word) => functionWord(word, FUNCTIONS[word].arity, MEANINGS[word])),
	functionWord('square', 1, 'x²'),
];

const PARAMETERS: readonly FormulaWord[] = [...PARAMETER_LETTERS].map(([word, letter]) =>
	name(word, `${letter}, a number of yours with a slider`),
);

export const FORMULA_WORDS: readonly { readonly title: string; readonly words: readonly FormulaWord[] }[] = [
	{ title: 'Values of a pair', words: VALUES },
	{ title: 'Functions', words: CALLS },
	{ title: 'Numbers of yours', words: PARAMETERS },
];
