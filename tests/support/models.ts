/**
 * Model configurations for tests: small, and with all sizes different, so that a swapped dimension is
 * detected.
 */
import type { ModelConfig } from '#core/model/model.ts';

export const SMALL_MODEL: ModelConfig = {
	architecture: 'llama',
	hiddenSize: 12,
	intermediateSize: 20,
	layers: 2,
	heads: 3,
	kvHeads: 1,
	headDim: 6,
	vocabSize: 50,
	rmsNormEps: 1e-5,
	ropeTheta: 10000,
	ropeScaling: null,
	tieWordEmbeddings: true,
	attentionBias: false,
	qkNorm: false,
	maxPositions: 128,
};
