import { describe, expect, test } from 'vitest';
import { FormatError } from '#core/errors.ts';
import { configFromHf, configFromMlc } from '#core/model/config.ts';

const FIELDS = {
	hidden_size: 64,
	intermediate_size: 160,
	num_hidden_layers: 3,
	num_attention_heads: 4,
	num_key_value_heads: 2,
	vocab_size: 512,
	rms_norm_eps: 1e-5,
	max_position_embeddings: 512,
	tie_word_embeddings: true,
};

describe('transformers', () => {
	test('absent fields take the family’s defaults', () => {
		const config = configFromHf({ ...FIELDS, model_type: 'llama', num_key_value_heads: undefined });
		expect(config).toMatchObject({
			headDim: 16,
			kvHeads: 4,
			ropeTheta: 10000,
			ropeScaling: null,
			qkNorm: false,
		});
	});

	test('Qwen2 has biases and Qwen3 norms on q and k', () => {
		expect(configFromHf({ ...FIELDS, model_type: 'qwen2' }).attentionBias).toBe(true);
		expect(configFromHf({ ...FIELDS, model_type: 'qwen3' }).qkNorm).toBe(true);
	});

	test.each([
		['another architecture', { model_type: 'mamba' }, 'model_type'],
		['another rope', { model_type: 'llama', rope_scaling: { rope_type: 'yarn', factor: 4 } }, 'rope_type'],
		['another activation', { model_type: 'llama', hidden_act: 'gelu' }, 'hidden_act'],
		['a sliding window', { model_type: 'qwen2', use_sliding_window: true }, 'use_sliding_window'],
		['no sizes', { model_type: 'llama', hidden_size: undefined }, 'hidden_size'],
		['a size that is text', { model_type: 'llama', hidden_size: '64' }, 'hidden_size'],
	])('%s is refused by name', (_what, change, field) => {
		expect(() => configFromHf({ ...FIELDS, ...change })).toThrow(FormatError);
		expect(() => configFromHf({ ...FIELDS, ...change })).toThrow(field);
	});

	test('“swish” is the other name of silu', () => {
		expect(configFromHf({ ...FIELDS, model_type: 'llama', hidden_act: 'swish' }).hiddenSize).toBe(64);
	});

	test('a text that is not an object is refused', () => {
		expect(() => configFromHf('nonsense')).toThrow(FormatError);
	});
});

test('MLC’s chat configuration holds the same fields one level down', () => {
	const { max_position_embeddings: context_window_size, ...rest } = FIELDS;
	const mlc = {
		model_type: 'llama',
		model_config: { ...rest, context_window_size, position_embedding_base: 5e5 },
	};
	expect(configFromMlc(mlc)).toEqual(configFromHf({ ...FIELDS, model_type: 'llama', rope_theta: 5e5 }));
});
