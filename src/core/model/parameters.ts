/** The number of parameters that a configuration says. */
import type { ModelConfig } from './model.ts';

/** Weights of a model without adapters; a tied head counts once. */
export function parametersOf(config: ModelConfig): number {
	const { hiddenSize: C, intermediateSize: F, layers, heads, kvHeads, headDim: D, vocabSize } = config;
	const qkv = (heads + 2 * kvHeads) * D;
	const biases = config.attentionBias ? qkv : 0;
	const headNorms = config.qkNorm ? 2 * D : 0;
	const block = 2 * C + qkv * C + biases + headNorms + heads * D * C + 3 * F * C;
	return vocabSize * C * (config.tieWordEmbeddings ? 1 : 2) + layers * block + C;
}
