/** The plan's bytes of weights are those of the matrices one by one, as the device holds them, in every format and model. */
import { expect, test } from 'vitest';
import { wordsOf, type NumberFormat } from '#core/format/numberFormat.ts';
import { weightBytes } from '#core/model/memory.ts';
import { PUBLISHED_MODELS } from '#core/model/published/registry.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { weightSlots } from '#model/weightSlots.ts';

/** Rows are filled up to four, and rows of blocks to whole blocks (engine/weight.ts). */
function counted(config: ModelConfig, format: NumberFormat): number {
	let words = 0;
	for (const slot of weightSlots(config).values()) {
		if (slot.kind === 'vector') words += slot.axis.parts * slot.axis.to;
		else {
			const rows = slot.rows.parts * slot.rows.to;
			words += Math.ceil(rows / 4) * 4 * wordsOf(format, slot.columns.parts * slot.columns.to);
		}
	}
	return 4 * words;
}

test.each(PUBLISHED_MODELS.map((model) => [model.id, model.config] as const))('%s', (_id, config) => {
	for (const stored of ['f32', 'f16', 'bf16', 'q4', 'q4m', 'q8'] as const) {
		const planned = weightBytes(config, { stored, storage: 'stored', backend: 'webgpu' });
		expect(Math.abs(planned / counted(config, stored) - 1), stored).toBeLessThan(1e-3);
	}
});
