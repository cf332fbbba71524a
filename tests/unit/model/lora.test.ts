import { expect, test } from 'vitest';
import type { LoraConfig } from '#core/adapter/adapter.ts';
import { scalingOf } from '#core/adapter/adapter.ts';
import { TARGET_MODULES } from '#core/recipe/recipe.ts';
import { adapterOf, deviceLora, initialParams, paramsOf } from '#model/lora.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';

test.each([1, 3, 4, 6, 8])('rank %i is padded to a multiple of 4 and comes back as it was', (rank) => {
	const config: LoraConfig = { rank, alpha: 16, targetModules: TARGET_MODULES };
	const lora = deviceLora(SMALL_MODEL, config);
	expect(lora.layout.slots.every((slot) => slot.rank % 4 === 0 && slot.scaling === scalingOf(config))).toBe(
		true,
	);
	const params = initialParams(lora, 7);
	expect(params).toHaveLength(lora.layout.size);
	const adapter = adapterOf(lora, params, { id: 'x', step: 0 });
	expect(adapter.config).toEqual(config);
	for (const { loraA, loraB, inFeatures, outFeatures } of adapter.matrices) {
		expect(loraA).toHaveLength(rank * inFeatures);
		expect(loraB).toHaveLength(outFeatures * rank);
		expect(loraA.every((value) => value !== 0)).toBe(true);
		expect(loraB.every((value) => value === 0)).toBe(true);
	}
	expect(paramsOf(lora, adapter)).toEqual(params);
	// Only the adapter's numbers are not zero; padding rows of A would otherwise be trained.
	expect(params.filter((value) => value !== 0)).toHaveLength(
		adapter.matrices.reduce((sum, { loraA }) => sum + loraA.length, 0),
	);
});

test('trainable parameters are counted without padding', () => {
	const count = (rank: number): number =>
		deviceLora(SMALL_MODEL, { rank, alpha: 16, targetModules: TARGET_MODULES }).parameters;
	expect(count(3) * 4).toBe(count(4) * 3);
});
