/** Configurations that contradict themselves, or describe a model that would load but compute something else. */
import { describe, expect, test } from 'vitest';
import { FormatError } from '#core/errors.ts';
import { configFromHf, configFromMlc } from '#core/model/config.ts';

const FIELDS: Readonly<Record<string, unknown>> = {
	model_type: 'llama',
	hidden_size: 64,
	intermediate_size: 160,
	num_hidden_layers: 3,
	num_attention_heads: 4,
	num_key_value_heads: 2,
	vocab_size: 512,
	rms_norm_eps: 1e-5,
	max_position_embeddings: 512,
};
const LLAMA3 = {
	rope_type: 'llama3',
	factor: 8,
	low_freq_factor: 1,
	high_freq_factor: 4,
	original_max_position_embeddings: 64,
};

describe('is refused with the file, the field and what to do', () => {
	test.each([
		[
			'half a layer',
			{ num_hidden_layers: 4.5 },
			/num_hidden_layers should be a positive whole number, not 4\.5/,
		],
		['no layer', { num_hidden_layers: 0 }, /num_hidden_layers .* not 0/],
		['negative layers', { num_hidden_layers: -2 }, /num_hidden_layers .* not -2/],
		['a billion layers', { num_hidden_layers: 1e9 }, /num_hidden_layers .* not 1000000000/],
		['infinite positions', { max_position_embeddings: Infinity }, /max_position_embeddings .* not Infinity/],
		['a size that is NaN', { hidden_size: Number.NaN }, /hidden_size .* not NaN/],
		['a size that is a list', { vocab_size: [512] }, /vocab_size .* not a list/],
		['a size that is a long text', { vocab_size: 'x'.repeat(5000) }, /vocab_size .* not "x{59}…/],
		[
			'key heads that do not divide the heads',
			{ num_key_value_heads: 3 },
			/num_key_value_heads is 3.*the 4 attention/,
		],
		['more key heads than heads', { num_key_value_heads: 8 }, /num_key_value_heads is 8/],
		[
			'heads that do not divide the hidden size',
			{ num_attention_heads: 6, num_key_value_heads: 2 },
			/head_dim is missing, and 6 heads/,
		],
		['half a head', { head_dim: 16.5 }, /head_dim .* not 16\.5/],
		['an odd head size', { head_dim: 15 }, /head_dim is 15, which this workbench cannot compute/],
		['an epsilon of 0', { rms_norm_eps: 0 }, /rms_norm_eps should be a positive number, not 0/],
		['a negative theta', { rope_theta: -1 }, /rope_theta .* not -1/],
		[
			'a flag that is text',
			{ tie_word_embeddings: 'true' },
			/tie_word_embeddings should be true or false, not "true"/,
		],
		['rotation of a part of the channels', { partial_rotary_factor: 0.5 }, /partial_rotary_factor is 0\.5/],
		[
			'sliding layers',
			{ layer_types: ['full_attention', 'sliding_attention'] },
			/layer_types is "sliding_attention"/,
		],
		['scaling that is text', { rope_scaling: 'linear' }, /rope_scaling is "linear"/],
		['scaling without a factor', { rope_scaling: { ...LLAMA3, factor: null } }, /factor is missing/],
		[
			'scaling bounds in the wrong order',
			{ rope_scaling: { ...LLAMA3, high_freq_factor: 1 } },
			/high_freq_factor is 1, not above low_freq_factor 1/,
		],
	])('%s', (_what, change, message) => {
		let error: unknown;
		try {
			configFromHf({ ...FIELDS, ...change }, 'the/config.json');
		} catch (thrown) {
			error = thrown;
		}
		expect(error).toBeInstanceOf(FormatError);
		expect((error as FormatError).message).toMatch(message);
		expect((error as FormatError).message).toMatch(/^the\/config\.json: /);
		expect((error as FormatError).hint).not.toBe('');
	});

	test.each([null, [], 'text', 4])('MLC’s file with model_config %j', (model_config) => {
		expect(() => configFromMlc({ model_type: 'llama', model_config })).toThrow(
			/model_config should hold an object/,
		);
	});
});

describe('is read', () => {
	test('null is the default', () => {
		const nulls = Object.fromEntries(
			[
				'head_dim',
				'hidden_act',
				'tie_word_embeddings',
				'attention_bias',
				'mlp_bias',
				'use_sliding_window',
				'rope_theta',
				'rope_scaling',
				'rope_parameters',
				'layer_types',
				'partial_rotary_factor',
				'num_key_value_heads',
			].map((field) => [field, null]),
		);
		const absent = Object.entries(FIELDS).filter(([field]) => field !== 'num_key_value_heads');
		expect(configFromHf({ ...FIELDS, ...nulls })).toEqual(configFromHf(Object.fromEntries(absent)));
	});

	test.each([
		{ head_dim: 4 },
		{ head_dim: 6, num_attention_heads: 3, num_key_value_heads: 1 },
		{ head_dim: 10, model_type: 'qwen3' },
		{ hidden_size: 66, head_dim: 16 },
		{ intermediate_size: 161 },
		{ vocab_size: 32_001 },
	])('sizes that no kernel reads, which loading pads: %j', (sizes) => {
		const { head_dim = 16, hidden_size = 64, intermediate_size = 160 } = sizes;
		expect(configFromHf({ ...FIELDS, ...sizes })).toMatchObject({
			headDim: head_dim,
			hiddenSize: hidden_size,
			intermediateSize: intermediate_size,
		});
	});
});
