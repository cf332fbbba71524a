/** Held-out prompts to answer during a run, as its evaluations do. */
import { rng } from '#core/math/rng.ts';
import { tensor1d } from '#engine/tensor.ts';
import type { Decoder } from '#model/decoder.ts';
import { generateBatch, type GenerateRow } from '#model/generate.ts';
import { bindLora, deviceLora, paramsOf } from '#model/lora.ts';
import type { Trainer } from '#train/trainer.ts';
import { EMBEDDED } from '../models/randomModel.ts';

/** @param lengths of the prompts, in tokens */
export function randomRows(lengths: readonly number[], vocabSize: number, maxTokens: number): GenerateRow[] {
	const random = rng(1);
	return lengths.map((length, seed) => ({
		ids: Array.from({ length }, () => random.int(vocabSize)),
		maxTokens,
		temperature: 1,
		topP: 1,
		seed,
	}));
}

/** 32 held-out prompts for the shipped model, as long as those of the world. */
export const heldOutRows = (maxTokens: number): GenerateRow[] =>
	randomRows(
		Array.from({ length: 32 }, (_, i) => 20 + (i % 20)),
		EMBEDDED.vocabSize,
		maxTokens,
	);

/** Answers with the adapter of the current step. */
export async function answerOnTheWay(
	model: Decoder,
	trainer: Trainer,
	rows: readonly GenerateRow[],
): Promise<void> {
	const adapter = await trainer.currentAdapter();
	if (adapter === null) return;
	const lora = deviceLora(model.config, adapter.config);
	const params = tensor1d(paramsOf(lora, adapter));
	await generateBatch(model, bindLora(lora, params), rows, { stopIds: new Set() });
	params.dispose();
}
