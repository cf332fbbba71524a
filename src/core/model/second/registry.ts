/** The published second models, smallest download first. To add one: write its file, and name it here. */
import { llama32_3b } from './llama32_3b.ts';
import { qwen25_1_5b } from './qwen25_1_5b.ts';
import { qwen25_3b } from './qwen25_3b.ts';
import { qwen3_1_7b } from './qwen3_1_7b.ts';
import { qwen3_4b } from './qwen3_4b.ts';
import type { SecondModelEntry } from './secondModel.ts';

export const SECOND_MODELS: readonly SecondModelEntry[] = [
	qwen25_1_5b,
	qwen3_1_7b,
	qwen25_3b,
	llama32_3b,
	qwen3_4b,
];

/** Null if no published second model has this id. */
export function findSecondModel(id: string): SecondModelEntry | null {
	return SECOND_MODELS.find((entry) => entry.id === id) ?? null;
}
