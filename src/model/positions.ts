/** Logits of every position of one sequence, for comparing engines. */
import { readNow } from '#engine/memory.ts';
import { slice, tensor1d, tensor2d, tidy } from '#engine/tensor.ts';
import { disposeForward, forward, type Decoder } from './decoder.ts';
import { headLogits } from './headLogits.ts';
import type { LoraBinding } from './lora.ts';
import { packPrompts } from './prompts.ts';

/** @returns [tokens·V]: row t holds the logits of the token after token t */
export async function positionLogits(
	model: Decoder,
	lora: LoraBinding | null,
	ids: readonly number[],
): Promise<Float32Array> {
	const packed = packPrompts([ids]);
	const logits = tidy(() => {
		const rows = {
			ids: tensor1d(packed.ids, 'int32'),
			positions: tensor1d(packed.positions, 'int32'),
			layout: tensor2d(packed.layout, [packed.ids.length, 4], 'int32'),
		};
		const pass = forward(model, rows, lora, 'none');
		const y = headLogits(model, pass.hidden);
		disposeForward(pass);
		return slice(y, [0, 0], [ids.length, model.config.vocabSize]);
	});
	const reading = readNow(logits);
	logits.dispose();
	return reading;
}
