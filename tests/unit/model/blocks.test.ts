/** Weights in blocks whose rows end inside a block, as MLC fills them up: they are cut and become f32. */
import { expect, test } from 'vitest';
import { asFloats, BLOCK_SIZE } from '#core/format/numberFormat.ts';
import { openDevice } from '#engine/device.ts';
import { createDecoder } from '#model/decoder.ts';
import type { StoredTensor } from '#model/fuse.ts';
import { resized, wholeAxis } from '#model/padding.ts';
import { logitsOf } from '#tests/golden/modelNumbers.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';
import { storedAs } from '#tests/support/quantise.ts';
import { randomTensors } from '../../../bench/models/randomModel.ts';

const IDS = [3, 17, 5];

test('a model of 12 channels in 4 bits has the logits of its dequantised weights', async () => {
	await openDevice({ backend: 'wasm' });
	const quantised = new Map<string, StoredTensor>();
	const floats = new Map<string, StoredTensor>();
	for (const [name, tensor] of randomTensors(SMALL_MODEL)) {
		const [rows = 0, columns] = tensor.shape;
		if (columns === undefined) {
			quantised.set(name, tensor);
			floats.set(name, tensor);
			continue;
		}
		const width = Math.ceil(columns / BLOCK_SIZE) * BLOCK_SIZE;
		const stored = storedAs('q4', resized(tensor.data, wholeAxis(rows), wholeAxis(columns, width)));
		quantised.set(name, { shape: [rows, width], ...stored });
		const data = resized(asFloats(stored), wholeAxis(rows), wholeAxis(width, columns));
		floats.set(name, { shape: [rows, columns], data });
	}
	const logits = async (tensors: ReadonlyMap<string, StoredTensor>): Promise<Float32Array> => {
		const model = createDecoder(SMALL_MODEL, tensors);
		const values = await logitsOf(model, null, IDS);
		model.dispose();
		return values;
	};
	expect(await logits(quantised)).toEqual(await logits(floats));
	quantised.set('norm.weight', { shape: [12], data: new Float32Array(12) });
	quantised.set('embed_tokens.weight', { shape: [50, 64], ...storedAs('q4', new Float32Array(50 * 64)) });
	expect(() => createDecoder(SMALL_MODEL, quantised)).toThrow('should be [50, 32]; the files hold [50, 64]');
});
