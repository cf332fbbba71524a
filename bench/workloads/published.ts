/** Shapes of published models, from the catalogue. */
import { llama32_1b } from '#core/model/published/llama-3.2-1b-instruct.ts';
import { qwen25_0b } from '#core/model/published/qwen2.5-0.5b-instruct.ts';
import { qwen3_0b } from '#core/model/published/qwen3-0.6b.ts';
import { smollm2_135m } from '#core/model/published/smollm2-135m-instruct.ts';
import type { ModelConfig } from '#core/model/model.ts';

export const PUBLISHED = {
	'SmolLM2-135M': smollm2_135m.config,
	'Qwen2.5-0.5B': qwen25_0b.config,
	'Qwen3-0.6B': qwen3_0b.config,
	'Llama-3.2-1B': llama32_1b.config,
} satisfies Record<string, ModelConfig>;
export type PublishedName = keyof typeof PUBLISHED;
export const PUBLISHED_NAMES = Object.keys(PUBLISHED) as PublishedName[];
