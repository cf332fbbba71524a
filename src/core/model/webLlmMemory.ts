/** Memory of WebLLM's copy of a model: its weights in the library's form, LoRA records, and the keys and values of a whole chat. */
import { largestRank } from '../adapter/placement.ts';
import { projectionShapes } from '../adapter/projections.ts';
import type { CompiledLibrary, LibraryWeights } from './compiledLibrary.ts';
import type { ModelConfig, ModelLibrary } from './model.ts';
import { parametersOf } from './parameters.ts';
import type { PrebuiltLibrary } from './prebuilt/prebuiltLibrary.ts';

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
	const shared = sharedLibrary(library);
	const weights = parametersOf(config) * weightBytes(library);
	const positions = Math.min(maxPositions, shared?.contextWindow ?? maxPositions);
	const chat = FLOAT * 2 * layers * kvHeads * headDim * positions;
	return weights + chat + loraBytes(config, library);
}

/** A library that serves all models of its sizes; null for the library of a model's own folder. */
export function sharedLibrary(library: ModelLibrary): CompiledLibrary | PrebuiltLibrary | null {
	if (library.place === 'folder') return null;
	return library.place === 'page' ? library.compiled : library.prebuilt;
}

function weightBytes(library: ModelLibrary): number {
	if (library.place === 'folder') return FLOAT;
	if (library.place === 'page') return WEIGHT_BYTES[library.compiled.weights];
	const { weights } = library.prebuilt;
	// WebLLM widens a folder of bf16 to f32 for its own libraries.
	return weights === 'bf16' ? FLOAT : WEIGHT_BYTES[weights];
}

function loraBytes(config: ModelConfig, library: ModelLibrary): number {
	const rank = largestRank(library) === Infinity ? OPEN_RANK : largestRank(library);
	const perRank = projectionShapes(config).reduce(
		(sum, { parts, inFeatures, outFeatures }) => sum + parts.length * inFeatures + outFeatures,
		0,
	);
	return FLOAT * config.layers * rank * perRank;
}
