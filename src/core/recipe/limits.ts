/**
 * The smallest and largest value of every number in a recipe, by its dotted path: one set for drafts, the page's
 * controls, links and recipe files. Stored runs have wider ranges, see {@link storedLimit}.
 *
 * Numbers that the device computes with stay far inside the range of f32 (1e-38 to 3e38), so that none vanishes
 * or overflows there.
 */
export interface Limit {
	readonly min: number;
	readonly max: number;
	/** Whole numbers only. */
	readonly integer?: true;
	/** 0 is allowed below `min`; it switches something off. */
	readonly orZero?: true;
}

const SEED: Limit = { min: 0, max: 2 ** 31 - 1, integer: true };
const TEMPERATURE: Limit = { min: 0.01, max: 2, orZero: true };
const TOKENS: Limit = { min: 1, max: 131_072, integer: true };
const EVERY: Limit = { min: 0, max: 1_000_000, integer: true };
const CONCURRENCY: Limit = { min: 1, max: 64, integer: true };
/** Most requests of a run. */
const BUDGET: Limit = { min: 0, max: 1_000_000, integer: true };
/** The decay of a moment; 1 − β must not vanish in f32. */
const DECAY: Limit = { min: 1e-6, max: 0.999999, orZero: true };

export const LIMITS = {
	'prompts.count': { min: 1, max: 100_000, integer: true },
	'prompts.seed': SEED,
	'sampling.temperature': TEMPERATURE,
	'sampling.topP': { min: 0.001, max: 1 },
	'sampling.maxTokens': TOKENS,
	'sampling.seed': SEED,
	'reviser.temperature': TEMPERATURE,
	'reviser.concurrency': CONCURRENCY,
	'reviser.maxTokens': TOKENS,
	'reviser.seed': SEED,
	'reviser.skill': { min: 0, max: 1 },
	'judge.temperature': TEMPERATURE,
	'judge.concurrency': CONCURRENCY,
	'judge.maxTokens': TOKENS,
	'judge.budget': BUDGET,
	'judge.seed': SEED,
	'judge.lengthBias': { min: 0, max: 1 },
	'judge.noise': { min: 0, max: 10 },
	'stronger.temperature': TEMPERATURE,
	'stronger.concurrency': CONCURRENCY,
	'stronger.maxTokens': TOKENS,
	'stronger.budget': BUDGET,
	'stronger.seed': SEED,
	'stronger.flawed': { min: 0, max: 1 },
	'others.temperature': TEMPERATURE,
	'others.concurrency': CONCURRENCY,
	'others.maxTokens': TOKENS,
	'others.budget': BUDGET,
	'others.seed': SEED,
	'pairs.minJaccard': { min: 1e-6, max: 1, orZero: true },
	'objective.beta': { min: 1e-6, max: 1e6 },
	'lora.rank': { min: 1, max: 256, integer: true },
	'lora.alpha': { min: 1e-6, max: 1e6 },
	'lora.seed': SEED,
	'optimiser.learningRate': { min: 1e-12, max: 1000 },
	'optimiser.warmupSteps': EVERY,
	'optimiser.weightDecay': { min: 1e-12, max: 1000, orZero: true },
	'optimiser.beta1': DECAY,
	'optimiser.beta2': DECAY,
	'optimiser.epsilon': { min: 1e-30, max: 1 },
	'optimiser.maxGradNorm': { min: 1e-9, max: 1e9, orZero: true },
	'training.steps': { min: 1, max: 1_000_000, integer: true },
	'training.batchPairs': { min: 1, max: 1024, integer: true },
	'training.accumulationSteps': { min: 1, max: 1024, integer: true },
	'training.seed': SEED,
	'training.maxLength': TOKENS,
	'training.checkpointEvery': EVERY,
	'training.evaluateEvery': EVERY,
	'evaluation.count': { min: 0, max: 100_000, integer: true },
	'evaluation.seed': SEED,
	'evaluation.maxTokens': TOKENS,
} as const satisfies Record<string, Limit>;

/** The weight of a term of a weighted sum. */
export const TERM_WEIGHT: Limit = { min: 1e-6, max: 1e6, orZero: true };

export type NumberPath = keyof typeof LIMITS;

/** The limit of a path; undefined if the recipe has no number there. */
export function limitOf(path: string): Limit | undefined {
	return (LIMITS as Readonly<Record<string, Limit>>)[path];
}

/** Maxima that every version had. The other maxima are younger than some stored runs. */
const STORED_MAX: Partial<Record<NumberPath, number>> = {
	'sampling.temperature': 2,
	'sampling.topP': 1,
	'reviser.temperature': 2,
	'reviser.concurrency': 64,
	'pairs.minJaccard': 1,
	'lora.rank': 256,
	// The largest number below 1.
	'optimiser.beta1': 1 - 2 ** -53,
	'optimiser.beta2': 1 - 2 ** -53,
};

/** The range of a number in stored runs, which holds what every version allowed. */
export function storedLimit(path: NumberPath): Limit {
	const limit: Limit = LIMITS[path];
	const above0 = limit.integer === true ? 1 : Number.MIN_VALUE;
	const max = limit === SEED ? limit.max : (STORED_MAX[path] ?? Number.MAX_VALUE);
	return { ...limit, min: limit.orZero === true || limit.min === 0 ? 0 : above0, max };
}

export function isWithin({ min, max, integer, orZero }: Limit, value: number): boolean {
	if (orZero === true && value === 0) return true;
	return value >= min && value <= max && (integer !== true || Number.isInteger(value));
}

/** "a whole number between 1 and 64", "0, or a number between 1e-9 and 1000000000". */
export function limitText({ min, max, integer, orZero }: Limit): string {
	return `${orZero === true ? '0, or ' : ''}a ${integer === true ? 'whole ' : ''}number between ${min} and ${max}`;
}
