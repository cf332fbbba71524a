/** The words of the expression language: symbols, parameters and functions. */

/** Quantities of one pair: implicit rewards, summed log-probabilities (nats), predicted tokens, row weights. */
export const PAIR_SYMBOLS = [
	'r_w',
	'r_l',
	'logp_w',
	'logp_l',
	'ref_w',
	'ref_l',
	'len_w',
	'len_l',
	'weight_w',
	'weight_l',
] as const;

/** Quantities of the whole step. The gradient does not flow through them. */
export const STEP_SYMBOLS = ['beta', 'mean_len_w', 'kl'] as const;

/**
 * Names that an objective may give its parameters, with their letters. Only these are allowed: none of them
 * is a word of WGSL, so generated code can use them unchanged.
 */
export const PARAMETER_LETTERS: ReadonlyMap<string, string> = new Map([
	['alpha', 'α'],
	['gamma', 'γ'],
	['delta', 'δ'],
	['epsilon', 'ε'],
	['zeta', 'ζ'],
	['eta', 'η'],
	['theta', 'θ'],
	['kappa', 'κ'],
	['lambda', 'λ'],
	['mu', 'μ'],
	['rho', 'ρ'],
	['tau', 'τ'],
	['omega', 'ω'],
]);

export const FUNCTION_NAMES = [
	'sigma',
	'slope',
	'log_sigma',
	'softplus',
	'exp',
	'log',
	'log1mexp',
	'odds',
	'tanh',
	'relu',
	'step',
	'abs',
	'sign',
	'max',
	'min',
	'detach',
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

// A map, not an object: `toString` is no function of the language.
const BY_NAME: ReadonlyMap<string, FunctionName> = new Map(FUNCTION_NAMES.map((name) => [name, name]));

export const functionNamed = (word: string): FunctionName | undefined => BY_NAME.get(word);
