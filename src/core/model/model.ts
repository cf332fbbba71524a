/** The two records that describe a model: its architecture and the addresses of its files. */
import type { PlacedLibrary } from './compiledLibrary.ts';
import type { PrebuiltLibrary } from './prebuilt/prebuiltLibrary.ts';

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

/** Where a model comes from. `page` is the model beside the page; all others were added by the user. */
export type ModelOrigin =
	| { place: 'page' }
	/** `owner/name` at one commit; `page` is its address for people. */
	| { place: 'hub'; repository: string; commit: string; page: string }
	/** The address of a file or folder on another server. */
	| { place: 'server'; address: string }
	/** The name of a file or folder on disk. */
	| { place: 'disk'; name: string };

/** Where the compiled library of a model is. */
export type ModelLibrary =
	/** Among the model's files, compiled for their records as they are. `loraRank`: its largest LoRA rank, 0 without LoRA. */
	| { place: 'folder'; file: string; loraRank: number }
	/** Beside the page, for all models of its sizes. */
	| { place: 'page'; compiled: PlacedLibrary }
	/** WebLLM's own, without LoRA. */
	| { place: 'prebuilt'; prebuilt: PrebuiltLibrary };

/** One entry of the catalogue: all fields needed to load a model in either engine. */
export interface ModelSource {
	/** The recipe's `model`. */
	id: string;
	title: string;
	/** Folder with WebLLM's files, absolute or relative to the page; ends with a slash. */
	url: string;
	/** WebLLM's compiled library; null if there is none, so that the compute engine answers. */
	library: ModelLibrary | null;
	parameters: number;
	origin: ModelOrigin;
	/** WebLLM's chat options that replace those of the model's `mlc-chat-config.json`. */
	chatOptions?: Readonly<Record<string, number>>;
}

/** A model's folder that was opened: its small files as parsed JSON, and its weights. */
export interface OpenedModel {
	config: ModelConfig;
	/** `tokenizer.json` and `tokenizer_config.json`. */
	tokenizerJson: unknown;
	tokenizerConfig: unknown;
	/** Hands out each weight once, by MLC's record name. Its numbers, row-major, are valid until `use` settles. */
	eachWeight: (use: (name: string, weight: StoredWeight) => Promise<void> | void) => Promise<void>;
}

export interface StoredWeight {
	shape: readonly number[];
	/** float32, bits of 16-bit floats, or packed integers. */
	data: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
}
