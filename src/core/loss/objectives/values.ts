/** The numbers that an objective computes with. */
import { AppError } from '../../errors.ts';

/** One pair and the step that it is in. The names are those of the expression language. */
export interface Values {
	/** log π_θ(y|x) of chosen and rejected, nats, summed over the completion's tokens. */
	readonly logp_w: number;
	readonly logp_l: number;
	/** The same of the reference. */
	readonly ref_w: number;
	readonly ref_l: number;
	/** Predicted completion tokens. */
	readonly len_w: number;
	readonly len_l: number;
	/** Weights of the rows; 1 if absent. */
	readonly weight_w?: number;
	readonly weight_l?: number;
	/** Unitless, > 0. */
	readonly beta: number;
	/** Mean of len_w over all pairs of the step. */
	readonly mean_len_w: number;
	/** Estimate of KL(π_θ ‖ π_ref) over the step, nats. Only objectives that read it need it. */
	readonly kl?: number;
	/** The objective's parameters; its defaults if absent. */
	readonly parameters?: Readonly<Record<string, number>>;
}

/**
 * The values at a point of the (r_w, r_l) plane that belongs to no pair: β and both lengths are 1, the reference's
 * log-probabilities and the estimate of KL 0.
 */
export function valuesAtRewards(chosen: number, rejected: number): Values {
	return {
		...{ logp_w: chosen, logp_l: rejected, ref_w: 0, ref_l: 0 },
		...{ len_w: 1, len_l: 1, beta: 1, mean_len_w: 1, kl: 0 },
	};
}

/** Reads one symbol; undefined if the values lack it. */
type Reader = (values: Values) => number | undefined;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
	['r_w', ({ beta, logp_w, ref_w }) => beta * (logp_w - ref_w)],
	['r_l', ({ beta, logp_l, ref_l }) => beta * (logp_l - ref_l)],
	['logp_w', ({ logp_w }) => logp_w],
	['logp_l', ({ logp_l }) => logp_l],
	['ref_w', ({ ref_w }) => ref_w],
	['ref_l', ({ ref_l }) => ref_l],
	['len_w', ({ len_w }) => len_w],
	['len_l', ({ len_l }) => len_l],
	['weight_w', ({ weight_w = 1 }) => weight_w],
	['weight_l', ({ weight_l = 1 }) => weight_l],
	['beta', ({ beta }) => beta],
	['mean_len_w', ({ mean_len_w }) => mean_len_w],
	['kl', ({ kl }) => kl],
]);

function readerOf(symbol: string, defaults: ReadonlyMap<string, number>): Reader {
	return READERS.get(symbol) ?? (({ parameters }) => parameters?.[symbol] ?? defaults.get(symbol));
}

/**
 * A function that gives the values of these symbols, in this order.
 *
 * @param defaults of the objective's parameters
 * @returns a function that throws AppError `objective-value-missing` if a symbol has no value
 */
export function valueReader(
	symbols: readonly string[],
	defaults: ReadonlyMap<string, number>,
): (values: Values) => number[] {
	const readers = symbols.map((symbol) => ({ symbol, read: readerOf(symbol, defaults) }));
	return (values) => readers.map(({ symbol, read }) => read(values) ?? missingValue(symbol));
}

/** @throws AppError `objective-value-missing` */
export function missingValue(symbol: string): never {
	throw new AppError(`The objective reads ${symbol}, which has no value here.`, {
		code: 'objective-value-missing',
		hint: 'Choose another objective: the trainer does not compute this quantity.',
		context: { symbol },
	});
}
