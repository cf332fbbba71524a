/** Memory of WebLLM's copy of a model: its weights in the library's form, LoRA records, and the keys and values of a whole chat. */
import { largestRank } from '../adapter/placement.ts';
import { projectionShapes } from '../adapter/projections.ts';
import type { LibraryWeights } from './compiledLibrary.ts';
import type { ModelConfig, ModelLibrary } from './model.ts';
import { parametersOf } from './parameters.ts';

const FLOAT = 4;
/** Rank of LoRA records that a library leaves open, until an adapter needs more. */
export const OPEN_RANK = 16;
/** Bytes of a weight. A 4-bit weight has a 32nd part of a scale, which WebLLM widens to f32 unless the library reads f16. */
const WEIGHT_BYTES: Readonly<Record<LibraryWeights, number>> = {
	f16: 2,
	bf16: 2,
	q4f16_1: 0.5 + 2 / 32,
	q4f32_1: 0.5 + FLOAT / 32,
};

export function webLlmBytes(config: ModelConfig, library: ModelLibrary): number {
	const { layers, kvHeads, headDim, maxPositions } = config;
	const compiled = library.place === 'page' ? library.compiled : null;
	const weights = parametersOf(config) * (compiled === null ? FLOAT : WEIGHT_BYTES[compiled.weights]);
	const positions = Math.min(maxPositions, compiled?.contextWindow ?? maxPositions);
	const chat = FLOAT * 2 * layers * kvHeads * headDim * positions;
	return weights + chat + loraBytes(config, library);
}

function loraBytes(config: ModelConfig, library: ModelLibrary): number {
	const rank = largestRank(library) === Infinity ? OPEN_RANK : largestRank(library);
	const perRank = projectionShapes(config).reduce(
		(sum, { parts, inFeatures, outFeatures }) => sum + parts.length * inFeatures + outFeatures,
		0,
	);
	return FLOAT * config.layers * rank * perRank;
}
