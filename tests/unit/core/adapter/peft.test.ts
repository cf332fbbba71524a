import { describe, expect, test } from 'vitest';
import { initLora, loraLayout, toAdapter } from '#core/adapter/layout.ts';
import { readPeftAdapter, writePeftAdapter } from '#core/adapter/peft.ts';
import { readSafetensors, writeSafetensors } from '#core/format/safetensors.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';

const CONFIG = { rank: 2, alpha: 6, targetModules: ['q_proj', 'v_proj', 'down_proj'] as const };
const layout = loraLayout(SMALL_MODEL, CONFIG);
const adapter = toAdapter(initLora(layout, 1), layout, { id: 'step-3', step: 3, config: CONFIG });
const files = writePeftAdapter(adapter);

test('an adapter of this workbench reads back, in the order of the layout', () => {
	expect(readPeftAdapter(files.weights, files.config, 'step-3', 3)).toEqual(adapter);
	expect(files.config).toMatchObject({
		peft_type: 'LORA',
		r: 2,
		lora_alpha: 6,
		bias: 'none',
		task_type: 'CAUSAL_LM',
	});
	expect([...readSafetensors(files.weights).tensors.keys()][0]).toBe(
		'base_model.model.model.layers.0.mlp.down_proj.lora_A.weight',
	);
});

test('rank-stabilised scaling becomes a larger alpha', () => {
	const read = readPeftAdapter(files.weights, { ...files.config, use_rslora: true });
	expect(read.config.alpha / read.config.rank).toBeCloseTo(6 / Math.sqrt(2), 12);
});

describe('unsupported features are refused by name', () => {
	test.each([
		[{ peft_type: 'IA3' }, /peft_type is not usable/],
		[{ r: 0 }, /r is not usable/],
		[{ lora_alpha: 1.7e308, use_rslora: true }, /lora_alpha is not usable: 1\.7e\+308 .*use_rslora/],
		[{ lora_alpha: 1e39 }, /lora_alpha is not usable/],
		[{ lora_alpha: 1e-300 }, /lora_alpha is not usable/],
		[{ use_dora: true }, /use_dora is true/],
		[{ bias: 'all' }, /bias is "all"/],
		[{ rank_pattern: { q_proj: 4 } }, /rank_pattern is/],
		[{ modules_to_save: ['lm_head'] }, /modules_to_save is/],
	])('%j', (field, message) => {
		expect(() => readPeftAdapter(files.weights, { ...files.config, ...field })).toThrow(message);
	});

	test('tensors of other modules', () => {
		const name = 'base_model.model.lm_head.lora_A.weight';
		const weights = writeSafetensors([{ name, shape: [2, 2], data: new Float32Array(4) }]);
		expect(() => readPeftAdapter(weights, files.config)).toThrow(
			/"base_model\.model\.lm_head.*" is not a LoRA matrix/,
		);
	});

	test('a rank that differs from the files, a missing half, and no matrix at all', () => {
		expect(() => readPeftAdapter(files.weights, { ...files.config, r: 4 })).toThrow(
			/lora_A \[2, 20\].*rank 4 needs/,
		);
		const tensors = [...readSafetensors(files.weights).tensors]
			.filter(([name]) => !name.includes('layers.1.self_attn.v_proj.lora_B'))
			.map(([name, { shape, data }]) => ({ name, shape, data }));
		expect(() => readPeftAdapter(writeSafetensors(tensors), files.config)).toThrow(
			/1 v_proj has .* lora_B missing/,
		);
		expect(() => readPeftAdapter(writeSafetensors([]), files.config)).toThrow(/holds no LoRA matrix/);
	});
});
