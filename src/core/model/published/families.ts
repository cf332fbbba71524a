/** Parts that several published models share: configurations of a family, licences, and the places of their files. */
import type { Llama3RopeScaling, ModelConfig } from '../model.ts';
import type { PublishedDownload, PublishedLicense, PublishedModel } from './publishedModel.ts';

type Sizes = Pick<
	ModelConfig,
	'hiddenSize' | 'intermediateSize' | 'layers' | 'heads' | 'kvHeads' | 'headDim' | 'vocabSize'
>;
type Rest = Pick<ModelConfig, 'ropeTheta' | 'maxPositions'> & Partial<ModelConfig>;

/** Head and embedding are tied unless `rest` says otherwise. */
export function llama(sizes: Sizes, rest: Rest): ModelConfig {
	return {
		architecture: 'llama',
		...sizes,
		rmsNormEps: 1e-5,
		ropeScaling: null,
		tieWordEmbeddings: true,
		attentionBias: false,
		qkNorm: false,
		...rest,
	};
}

export function qwen2(sizes: Sizes, rest: Partial<ModelConfig> = {}): ModelConfig {
	const common = { ropeTheta: 1e6, rmsNormEps: 1e-6, maxPositions: 32_768 };
	return { ...llama(sizes, common), architecture: 'qwen2', attentionBias: true, ...rest };
}

export function qwen3(sizes: Sizes): ModelConfig {
	const common = { ropeTheta: 1e6, rmsNormEps: 1e-6, maxPositions: 40_960 };
	return { ...llama(sizes, common), architecture: 'qwen3', qkNorm: true };
}

/** Llama 3.1's frequency scaling; Llama 3.2 has the factor 32. */
export function llama3Scaling(factor: number): Llama3RopeScaling {
	return { factor, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 8192 };
}

export const APACHE_2: PublishedLicense = {
	name: 'Apache 2.0',
	address: 'https://www.apache.org/licenses/LICENSE-2.0',
	mustAccept: false,
};

/** @param version `3.2` */
export function llamaLicense(version: string): PublishedLicense {
	const folder = `llama${version.replace('.', '_')}`;
	return {
		name: `Llama ${version} Community License`,
		address: `https://www.llama.com/${folder}/license/`,
		mustAccept: true,
	};
}

export const SMOLLM_SYSTEM = 'You are a helpful AI assistant named SmolLM, trained by Hugging Face';
export const QWEN_SYSTEM = 'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.';
export const ADDS_SYSTEM = 'If a chat has no system message, the template adds this one.';
export const ADDS_NOTHING = 'The template adds no system message.';
export const ADDS_DATE =
	'The template always adds a system message with the knowledge cut-off, December 2023, and a date.';
export const REASONS =
	'The template adds no system message. The model reasons between <think> and </think> first; short answers end there.';

export const pageOf = (repository: string): string => `https://huggingface.co/${repository}`;

/** Safetensors of the maker. */
export const open = (address: string): PublishedDownload => ({ precision: 'bf16', address, gated: false });
export const gated = (address: string): PublishedDownload => ({ precision: 'bf16', address, gated: true });
/** @param name of MLC’s repository without the precision: `Llama-3.2-1B-Instruct` */
export function mlc(name: string, precision: 'q0f16' | 'q4f16_1'): PublishedDownload {
	return { precision, address: `mlc-ai/${name}-${precision}-MLC`, gated: false };
}
export const gguf = (repository: string): PublishedDownload => ({
	precision: 'Q8_0',
	address: `${repository}:Q8_0`,
	gated: false,
});

/** Facts that all models of a series share. */
type Series = Pick<
	PublishedModel,
	'maker' | 'released' | 'languages' | 'license' | 'storesTiedHead' | 'systemMessage' | 'template' | 'reasons'
>;

export const SMOLLM2: Series = {
	maker: 'Hugging Face',
	released: '2024-11',
	languages: 'English',
	license: APACHE_2,
	storesTiedHead: false,
	systemMessage: SMOLLM_SYSTEM,
	template: ADDS_SYSTEM,
	reasons: false,
};

export const QWEN25: Series = {
	maker: 'Alibaba',
	released: '2024-09',
	languages: '29 languages',
	license: APACHE_2,
	storesTiedHead: false,
	systemMessage: QWEN_SYSTEM,
	template: ADDS_SYSTEM,
	reasons: false,
};

export const QWEN3: Series = {
	maker: 'Alibaba',
	released: '2025-04',
	languages: '119 languages',
	license: APACHE_2,
	storesTiedHead: true,
	systemMessage: null,
	template: REASONS,
	reasons: true,
};

export const LLAMA32: Series = {
	maker: 'Meta',
	released: '2024-09',
	languages: '8 languages',
	license: llamaLicense('3.2'),
	storesTiedHead: false,
	systemMessage: null,
	template: ADDS_DATE,
	reasons: false,
};

/** Sizes of Llama 3 and 3.1 with 8 B parameters. */
export const LLAMA_8B = {
	hiddenSize: 4096,
	intermediateSize: 14_336,
	layers: 32,
	heads: 32,
	kvHeads: 8,
	headDim: 128,
	vocabSize: 128_256,
} as const;
