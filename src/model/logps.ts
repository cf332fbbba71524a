/** Log-probabilities of completions: per token, summed per sequence, and their gradient. */
import { segmentGather, segmentSum } from '#engine/kernels/segmentSum/segmentSum.ts';
import { targetLogps, targetLogpsGrad } from '#engine/kernels/targetLogps/targetLogps.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import { backward, disposeForward, forward, type Decoder, type Forward, type Keep } from './decoder.ts';
import type { LoraBinding } from './lora.ts';
import type { DeviceBatch } from './packed.ts';

export interface LogpsPass {
	/** [segments] summed log π, nats; see core/batch/segments.ts. */
	logps: Tensor1D;
	/** [N] log π of each target. */
	tokenLogps: Tensor1D;
	/** [N], for the gradient. */
	lse: Tensor1D;
	pass: Forward;
}

/** @param lora null computes the reference: the same weights with the adapter off */
export function logpsForward(
	model: Decoder,
	batch: DeviceBatch,
	lora: LoraBinding | null,
	keep: Keep,
): LogpsPass {
	const pass = forward(model, batch, lora, keep);
	const {
		logps: tokenLogps,
		lse,
		entropy,
	} = targetLogps(pass.hidden, model.weights.head, batch.rows, batch.targets);
	entropy.dispose();
	return { logps: segmentSum(tokenLogps, batch.segment, batch.segments), tokenLogps, lse, pass };
}

/** Frees everything of a pass except its summed log-probabilities, which it returns. */
export function logpsOnly({ logps, tokenLogps, lse, pass }: LogpsPass): Tensor1D {
	tokenLogps.dispose();
	lse.dispose();
	disposeForward(pass);
	return logps;
}

/**
 * Adds the gradient of Σ dLogps·logps into `grads` and frees the pass except its `logps`.
 *
 * @param dLogps [segments]
 */
export function logpsBackward(
	model: Decoder,
	batch: DeviceBatch,
	lora: LoraBinding,
	{ tokenLogps, lse, pass }: LogpsPass,
	dLogps: Tensor1D,
	grads: Tensor1D,
): void {
	const dTokens = segmentGather(dLogps, batch.segment);
	const dHidden = targetLogpsGrad(dTokens, pass.hidden, model.weights.head, batch.rows, batch.targets, lse);
	for (const tensor of [dTokens, tokenLogps, lse]) tensor.dispose();
	backward(model, batch, lora, pass, dHidden, grads);
}
