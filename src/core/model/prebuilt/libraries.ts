/**
 * The libraries that WebLLM's project compiled for models of this family of architectures, by the sizes that each was compiled
 * for. WebLLM's list has file names only: two models of one name can differ in a size, and models of different names can be equal.
 * tests/unit/core/model/prebuilt.test.ts compares the files with WebLLM's list.
 */
import type { LibraryWeights } from '../compiledLibrary.ts';
import type { ModelConfig } from '../model.ts';
import { llama, qwen2, qwen3 } from '../published/families.ts';
import { PUBLISHED_MODELS } from '../published/registry.ts';

export interface PrebuiltSizes {
	/** Start of the file names: `Qwen3-4B`. */
	name: string;
	config: ModelConfig;
	forms: readonly LibraryWeights[];
}

const FOUR_BITS: readonly LibraryWeights[] = ['q4f16_1', 'q4f32_1'];
const SIXTEEN_BITS: readonly LibraryWeights[] = ['f16', 'bf16'];
const ALL: readonly LibraryWeights[] = [...SIXTEEN_BITS, ...FOUR_BITS];

/** Start of the file names, and forms, of the libraries for models of the catalogue, by their ids there. */
const OF_PUBLISHED: Readonly<Record<string, readonly [name: string, forms: readonly LibraryWeights[]]>> = {
	'smollm2-135m-instruct': ['SmolLM2-135M-Instruct', SIXTEEN_BITS],
	'smollm2-360m-instruct': ['SmolLM2-360M-Instruct', ALL],
	'smollm2-1.7b-instruct': ['SmolLM2-1.7B-Instruct', FOUR_BITS],
	'qwen2.5-0.5b-instruct': ['Qwen2-0.5B-Instruct', ALL],
	'qwen2.5-1.5b-instruct': ['Qwen2-1.5B-Instruct', FOUR_BITS],
	'qwen3-0.6b': ['Qwen3-0.6B', ALL],
	'qwen3-1.7b': ['Qwen3-1.7B', FOUR_BITS],
	'tinyllama-1.1b-chat': ['TinyLlama-1.1B-Chat-v1.0', FOUR_BITS],
	'llama-3.2-1b-instruct': ['Llama-3.2-1B-Instruct', ALL],
	'llama-3.2-3b-instruct': ['Llama-3.2-3B-Instruct', FOUR_BITS],
	'llama-3-8b-instruct': ['Llama-3-8B-Instruct', FOUR_BITS],
	'llama-3.1-8b-instruct': ['Llama-3_1-8B-Instruct', FOUR_BITS],
};

const qwen25_3b = qwen2({
	hiddenSize: 2048,
	intermediateSize: 11_008,
	layers: 36,
	heads: 16,
	kvHeads: 2,
	headDim: 128,
	vocabSize: 151_936,
});

const qwen2_7b = qwen2(
	{
		hiddenSize: 3584,
		intermediateSize: 18_944,
		layers: 28,
		heads: 28,
		kvHeads: 4,
		headDim: 128,
		vocabSize: 152_064,
	},
	{ tieWordEmbeddings: false },
);

const qwen3_4b = qwen3({
	hiddenSize: 2560,
	intermediateSize: 9728,
	layers: 36,
	heads: 32,
	kvHeads: 8,
	headDim: 128,
	vocabSize: 151_936,
});

const qwen3_8b = {
	...qwen3({
		hiddenSize: 4096,
		intermediateSize: 12_288,
		layers: 36,
		heads: 32,
		kvHeads: 8,
		headDim: 128,
		vocabSize: 151_936,
	}),
	tieWordEmbeddings: false,
};

const llama2_7b = llama(
	{
		hiddenSize: 4096,
		intermediateSize: 11_008,
		layers: 32,
		heads: 32,
		kvHeads: 32,
		headDim: 128,
		vocabSize: 32_000,
	},
	{ ropeTheta: 10_000, tieWordEmbeddings: false, maxPositions: 4096 },
);

export const PREBUILT: readonly PrebuiltSizes[] = [
	...PUBLISHED_MODELS.flatMap(({ id, config }) => {
		const [name, forms] = OF_PUBLISHED[id] ?? [];
		return name === undefined || forms === undefined ? [] : [{ name, config, forms }];
	}),
	{ name: 'Qwen2.5-3B-Instruct', config: qwen25_3b, forms: FOUR_BITS },
	{ name: 'Qwen2-7B-Instruct', config: qwen2_7b, forms: FOUR_BITS },
	{ name: 'Qwen3-4B', config: qwen3_4b, forms: FOUR_BITS },
	{ name: 'Qwen3-8B', config: qwen3_8b, forms: FOUR_BITS },
	{ name: 'Llama-2-7b-chat-hf', config: llama2_7b, forms: FOUR_BITS },
];
