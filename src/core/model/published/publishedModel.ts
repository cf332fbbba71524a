/** A published model as the catalogue describes it, so that its memory can be planned before anything is downloaded. */
import type { RecipeNumbers } from '../../recipe/recipeNumbers.ts';
import type { ModelConfig } from '../model.ts';

/**
 * A form in which a model can be downloaded. bf16: safetensors. q0f16, q4f16_1: MLC's folders, as WebLLM's list names
 * them. Q8_0: a GGUF file.
 */
export const PRECISIONS = ['bf16', 'q0f16', 'q4f16_1', 'Q8_0'] as const;
export type Precision = (typeof PRECISIONS)[number];

export interface PublishedDownload {
	precision: Precision;
	/** `owner/name` on the hub; for a GGUF file with `:` and its quantization. */
	address: string;
	/** True if the hub gives the files only to users who asked for access. */
	gated: boolean;
}

export interface PublishedLicense {
	/** `Apache 2.0` */
	name: string;
	/** Page with its text. */
	address: string;
	/** True if its terms bind every user of the weights, who must read and accept them first. */
	mustAccept: boolean;
}

export interface PublishedModel {
	/** Unique in the catalogue: `smollm2-135m-instruct`. */
	id: string;
	title: string;
	maker: string;
	/** Page of the maker’s repository. */
	page: string;
	/** Year and month: `2024-11`. */
	released: string;
	/** `English`, `29 languages`. */
	languages: string;
	license: PublishedLicense;
	config: ModelConfig;
	/** As the maker states it, in millions; {@link parametersOf} counts exactly. */
	millions: number;
	/** The safetensors hold the head although it is tied to the embedding. */
	storesTiedHead: boolean;
	/** The best first. */
	downloads: readonly PublishedDownload[];
	/** System message that the chat template adds if a chat has none; null if it adds none. */
	systemMessage: string | null;
	/** True if it reasons between tags before it answers, so that short answers end inside the reasoning. */
	reasons: boolean;
	/** Measured numbers of the suggested recipe; absent if its size alone suggests them. */
	recipe?: RecipeNumbers;
	/** One sentence on the messages that the chat template adds by itself. */
	template: string;
}
