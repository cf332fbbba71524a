/** The two records that describe a model: its architecture and the addresses of its files. */

/** Decoder-only transformer of the Llama family. Names follow transformers' `config.json`. */
export interface ModelConfig {
	architecture: 'llama' | 'qwen2' | 'qwen3';
	hiddenSize: number;
	intermediateSize: number;
	layers: number;
	heads: number;
	kvHeads: number;
	headDim: number;
	vocabSize: number;
	rmsNormEps: number;
	ropeTheta: number;
	ropeScaling: Llama3RopeScaling | null;
	tieWordEmbeddings: boolean;
	/** Biases on q, k, v (Qwen2). */
	attentionBias: boolean;
	/** RMSNorm on each head of q and k (Qwen3). */
	qkNorm: boolean;
	maxPositions: number;
}

/** Llama 3's frequency scaling (`rope_type: "llama3"` in transformers' `rope_scaling`). */
export interface Llama3RopeScaling {
	factor: number;
	lowFreqFactor: number;
	highFreqFactor: number;
	originalMaxPositions: number;
}

/** One entry of the catalogue: all fields needed to load a model in either engine. */
export interface ModelSource {
	id: string;
	title: string;
	/** Folder with WebLLM's files, absolute or relative to the page; ends with a slash. */
	url: string;
	/** The compiled library, absolute or relative to `url`. */
	library: string;
	/** Largest LoRA rank that the library is compiled for; 0 if it has no LoRA. */
	loraMaxRank: number;
	parameters: number;
	embedded: boolean;
}
