/**
 * One training step that every engine must compute: same weights, same batch, same loss.
 *
 * Llama-style decoder, tied head, LoRA r = 8 on all seven projections, base frozen; eight pairs × 64 tokens
 * per side, APO-zero on the completions, AdamW. Weights and data come from one seeded generator that belongs
 * to no engine, so all must print LOSSES.
 */
import { rng } from '#core/math/rng.ts';

export const SIZE = {
	hidden: 128,
	layers: 4,
	heads: 4,
	headDim: 32,
	ffn: 384,
	vocab: 512,
	tokens: 64,
	pairs: 8,
	promptTokens: 24,
	rank: 8,
	scaling: 2,
	rmsNormEps: 1e-5,
	ropeTheta: 10_000,
} as const;

export const OPTIMISER = {
	beta: 0.1,
	lr: 1e-3,
	beta1: 0.9,
	beta2: 0.999,
	eps: 1e-8,
	weightDecay: 0.01,
} as const;

/** The losses of the first four steps, to float32: an engine that prints others did other work. */
export const LOSSES = [1.01729, 0.45889, 0.16884, 0.0805] as const;
export const LOSS_TOLERANCE = 5e-4;

export const PROJECTIONS = [
	{ name: 'q', inputs: SIZE.hidden, outputs: SIZE.hidden },
	{ name: 'k', inputs: SIZE.hidden, outputs: SIZE.hidden },
	{ name: 'v', inputs: SIZE.hidden, outputs: SIZE.hidden },
	{ name: 'o', inputs: SIZE.hidden, outputs: SIZE.hidden },
	{ name: 'gate', inputs: SIZE.hidden, outputs: SIZE.ffn },
	{ name: 'up', inputs: SIZE.hidden, outputs: SIZE.ffn },
	{ name: 'down', inputs: SIZE.ffn, outputs: SIZE.hidden },
] as const;
export type ProjectionName = (typeof PROJECTIONS)[number]['name'];

/** One projection of one layer, all row-major and applied as x · matrix. */
export interface ProjectionWeights {
	/** [inputs, outputs], frozen. */
	weight: Float32Array;
	/** [inputs, rank]. */
	a: Float32Array;
	/** [rank, outputs]; not zero, so that every gradient is nonzero from the first step. */
	b: Float32Array;
}
export type LayerWeights = Record<ProjectionName, ProjectionWeights>;

export interface Problem {
	/** [vocab, hidden], also the output head. */
	embedding: Float32Array;
	layers: readonly LayerWeights[];
	/** [2 · pairs, tokens]: chosen rows, then rejected rows. */
	ids: Int32Array;
	/** The next token of each position, and a mask that is 1 if that token belongs to the completion. */
	labels: Int32Array;
	mask: Float32Array;
}

/** [tokens, headDim] each, half-split rotary tables. */
export function rotaryTables(): { cos: Float32Array; sin: Float32Array } {
	const { tokens, headDim, ropeTheta } = SIZE;
	const half = headDim / 2;
	const angle = (i: number): number => {
		const position = Math.floor(i / headDim);
		return position * ropeTheta ** ((-2 * ((i % headDim) % half)) / headDim);
	};
	const table = (f: (x: number) => number) =>
		Float32Array.from({ length: tokens * headDim }, (_, i) => f(angle(i)));
	return { cos: table(Math.cos), sin: table(Math.sin) };
}

export function makeProblem(seed = 1234): Problem {
	const random = rng(seed);
	const matrix = (size: number, scale: number): Float32Array =>
		Float32Array.from({ length: size }, () => random.normal() * scale);
	const embedding = matrix(SIZE.vocab * SIZE.hidden, 0.5);
	const layers = Array.from({ length: SIZE.layers }, () => layerWeights(matrix));
	const sequences = 2 * SIZE.pairs;
	const ids = new Int32Array(sequences * SIZE.tokens);
	// A rejected row is its chosen row with one completion token in four replaced: a minimal revision.
	for (let pair = 0; pair < SIZE.pairs; pair++) {
		for (let t = 0; t < SIZE.tokens; t++) {
			const token = random.int(SIZE.vocab);
			const same = t < SIZE.promptTokens || random.next() > 0.25;
			ids[pair * SIZE.tokens + t] = token;
			ids[(pair + SIZE.pairs) * SIZE.tokens + t] = same ? token : random.int(SIZE.vocab);
		}
	}
	const labels = new Int32Array(ids.length);
	const mask = new Float32Array(ids.length);
	ids.forEach((_, i) => {
		const t = i % SIZE.tokens;
		if (t === SIZE.tokens - 1) return;
		labels[i] = ids[i + 1] ?? 0;
		mask[i] = t + 1 >= SIZE.promptTokens ? 1 : 0;
	});
	return { embedding, layers, ids, labels, mask };
}

function layerWeights(matrix: (size: number, scale: number) => Float32Array): LayerWeights {
	const entries = PROJECTIONS.map(({ name, inputs, outputs }) => {
		const scale = 1 / Math.sqrt(inputs);
		return [
			name,
			{
				weight: matrix(inputs * outputs, scale),
				a: matrix(inputs * SIZE.rank, scale),
				b: matrix(SIZE.rank * outputs, 0.02),
			},
		] as const;
	});
	return Object.fromEntries(entries) as LayerWeights;
}
