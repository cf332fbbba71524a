/**
 * The reference model of a run that begins from an adapter: base + adapter, merged. Reference log-probabilities and the new adapter
 * start from it. The copies are in f32, so that no small change is lost to rounding; the base's own weights stay as they are, so the
 * base is back, bit for bit, when the copies are freed.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import { expectAdapterFits, notMergeable } from '#core/adapter/fits.ts';
import { tensor1d } from '#engine/tensor.ts';
import type { Decoder } from './decoder.ts';
import { bindLora, deviceLora, paramsOf } from './lora.ts';
import { mergeAdapter, mergedBytes, type MergedModel } from './mergeAdapter.ts';

/**
 * @param adapter applies to the plain base; see core/adapter/stack.ts for an adapter that has a parent of its own
 * @param name    of the adapter, for messages
 * @throws ShapeError `adapter-other-model` · AppError `begin-block-weights` for 4-bit and other block weights
 */
export function begunModel(model: Decoder, adapter: Adapter, name: string): MergedModel {
	expectAdapterFits(adapter, model.config, name);
	const lora = deviceLora(model.config, adapter.config);
	const params = tensor1d(paramsOf(lora, adapter));
	try {
		const binding = bindLora(lora, params);
		const merged = mergeAdapter(model, binding, Infinity);
		if (merged === null) throw notMergeable(name);
		return {
			model: { ...merged.model, bytes: model.bytes + mergedBytes(model, binding) },
			dispose: () => merged.dispose(),
		};
	} finally {
		params.dispose();
	}
}
