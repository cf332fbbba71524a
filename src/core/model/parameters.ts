/** The number of parameters that a configuration says. */
import type { ModelConfig } from './model.ts';

/** Weights of a model without adapters; a tied head counts once. */
export function parametersOf(config: ModelConfig): number {
	const { hiddenSize: C, intermediateSize: F, layers, heads, kvHeads, headDim: D, vocabSize } = config;
	const block = (heads + 2 * kvHeads) * D * C + heads * D * C + 3 * F * C;
	return vocabSize * C * (config.tieWordEmbeddings ? 1 : 2) + layers * block + vectorParameters(config);
}

/** Norms and biases. */
export function vectorParameters(config: ModelConfig): number {
	const { hiddenSize: C, layers, heads, kvHeads, headDim: D } = config;
	const biases = config.attentionBias ? (heads + 2 * kvHeads) * D : 0;
	const headNorms = config.qkNorm ? 2 * D : 0;
	return layers * (2 * C + biases + headNorms) + C;
}
