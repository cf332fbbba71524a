/** The published models of the catalogue, one file each, by size. To add one: write its file and name it here. */
import { parametersOf } from '../parameters.ts';
import { llama3_8b } from './llama-3-8b-instruct.ts';
import { llama31_8b } from './llama-3.1-8b-instruct.ts';
import { llama32_1b } from './llama-3.2-1b-instruct.ts';
import { llama32_3b } from './llama-3.2-3b-instruct.ts';
import type { PublishedModel } from './publishedModel.ts';
import { qwen25_0b } from './qwen2.5-0.5b-instruct.ts';
import { qwen25_1b } from './qwen2.5-1.5b-instruct.ts';
import { qwen3_0b } from './qwen3-0.6b.ts';
import { qwen3_1b } from './qwen3-1.7b.ts';
import { smollm2_1b } from './smollm2-1.7b-instruct.ts';
import { smollm2_135m } from './smollm2-135m-instruct.ts';
import { smollm2_360m } from './smollm2-360m-instruct.ts';
import { tinyllama_1b } from './tinyllama-1.1b-chat.ts';

export const PUBLISHED_MODELS: readonly PublishedModel[] = [
	smollm2_135m,
	smollm2_360m,
	qwen25_0b,
	qwen3_0b,
	tinyllama_1b,
	llama32_1b,
	qwen25_1b,
	smollm2_1b,
	qwen3_1b,
	llama32_3b,
	llama3_8b,
	llama31_8b,
];

/** Repository of a download’s address. */
export function repositoryOf(address: string): string {
	return address.split(':')[0] ?? address;
}

/** The model that a repository of the hub holds; null if it is not in the catalogue. */
export function publishedIn(repository: string): PublishedModel | null {
	return (
		PUBLISHED_MODELS.find(({ downloads }) =>
			downloads.some(({ address }) => repositoryOf(address) === repository),
		) ?? null
	);
}

/** The first model with exactly so many parameters, such as one whose file a person has on disk; null if there is none. */
export function publishedOfSize(parameters: number): PublishedModel | null {
	return PUBLISHED_MODELS.find(({ config }) => parametersOf(config) === parameters) ?? null;
}
