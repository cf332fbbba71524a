/** Adapters as people have them: every configuration of the collected cases, with weights that fit its name. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { AppError } from '#core/errors.ts';
import { readPeftAdapter } from '#core/adapter/peft.ts';
import { writeSafetensors, type NamedTensor } from '#core/format/safetensors.ts';

const CASES = JSON.parse(readFileSync('tests/fixtures/cases/E-adapter-configs.json', 'utf8')) as Readonly<
	Record<string, unknown>
>;

const ROOT = 'base_model.model.model.layers.0.self_attn.q_proj';
const A = Float32Array.of(1, 2, 3, 4, 5, 6);
const B = Float32Array.of(1, 2, 3, 4);

const pair = (root: string, end = 'weight'): NamedTensor[] => [
	{ name: `${root}.lora_A.${end}`, shape: [2, 3], data: A },
	{ name: `${root}.lora_B.${end}`, shape: [2, 2], data: B },
];
const plain = writeSafetensors(pair(ROOT));
const withExtra = (name: string): Uint8Array =>
	writeSafetensors([...pair(ROOT), { name, shape: [2], data: Float32Array.of(1, 1) }]);

/** The same tensors in another type; `width` bytes a number. */
function typed(
	dtype: string,
	width: number,
	write: (view: DataView, at: number, value: number) => void,
): Uint8Array {
	const values = [...A, ...B];
	const header = JSON.stringify({
		[`${ROOT}.lora_A.weight`]: { dtype, shape: [2, 3], data_offsets: [0, 6 * width] },
		[`${ROOT}.lora_B.weight`]: { dtype, shape: [2, 2], data_offsets: [6 * width, 10 * width] },
	});
	const bytes = new Uint8Array(8 + header.length + 10 * width);
	const view = new DataView(bytes.buffer);
	view.setBigUint64(0, BigInt(header.length), true);
	bytes.set(new TextEncoder().encode(header), 8);
	for (const [i, value] of values.entries()) write(view, 8 + header.length + i * width, value);
	return bytes;
}

/** The upper half of a float32; the numbers of these tests fit into it. */
function brainFloat(view: DataView, at: number, value: number): void {
	view.setUint16(at, (new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0) >>> 16, true);
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Weights of the cases whose fault is not in the configuration. */
const WEIGHTS: Readonly<Record<string, Uint8Array>> = {
	'E5 .default. names': writeSafetensors(pair(ROOT, 'default.weight')),
	'E5b no base_model prefix': writeSafetensors(pair('model.layers.0.self_attn.q_proj')),
	'E5c language_model in path (VL)': writeSafetensors(
		pair('base_model.model.model.language_model.layers.0.self_attn.q_proj'),
	),
	'E5d _orig_mod (torch.compile)': writeSafetensors(
		pair('base_model.model._orig_mod.model.layers.0.self_attn.q_proj'),
	),
	'E5e embed_tokens saved along': withExtra('base_model.model.model.embed_tokens.weight'),
	'E5f dora magnitude with use_dora false': withExtra(`${ROOT}.lora_magnitude_vector`),
	'E5g A with NaN': writeSafetensors([
		{ name: `${ROOT}.lora_A.weight`, shape: [2, 3], data: A.with(4, Number.NaN) },
		{ name: `${ROOT}.lora_B.weight`, shape: [2, 2], data: B },
	]),
	'E5h qkv fused': writeSafetensors(pair('base_model.model.model.layers.0.self_attn.qkv_proj')),
	'E5i lora_A both names twice': writeSafetensors([...pair(ROOT), ...pair(ROOT, 'default.weight')]),
	'E6 pickle .bin': text('PK\x03\x04 and a pickle inside'),
	'E6b git-lfs pointer': text('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n'),
	'E7 bf16': typed('BF16', 2, brainFloat),
	'E7b f16': typed('F16', 2, (view, at, value) => view.setFloat16(at, value, true)),
	'E7c f64': typed('F64', 8, (view, at, value) => view.setFloat64(at, value, true)),
	'E7d F8': typed('F8_E4M3', 1, () => undefined),
};

/** Cases that are read, with their scaling alpha / rank. */
const READ: Readonly<Record<string, number>> = {
	'E1 plain (must pass)': 2,
	'E1b fan_in_fan_out null (Axolotl)': 2,
	'E1c use_dora null, use_rslora null, lora_bias null': 2,
	'E1d use_rslora null alone': 2,
	'E1e bias null': 2,
	'E2 target_modules all-linear': 2,
	'E2b target_modules regex': 2,
	// PEFT's default of lora_alpha is 8.
	'E2d lora_alpha missing': 4,
	'E4d rsLoRA': 4 / Math.sqrt(2),
	'E4f r as 2.0': 2,
	'E5 .default. names': 2,
	'E5b no base_model prefix': 2,
	'E5d _orig_mod (torch.compile)': 2,
	'E7 bf16': 2,
	'E7b f16': 2,
	'E7c f64': 2,
};

/** Cases that are refused: the words of the message, and of the hint. */
const REFUSED: Readonly<Record<string, readonly [message: RegExp, hint: RegExp]>> = {
	'E2c lora_alpha 4.0 as text': [/lora_alpha is not usable: "4"/, /positive number/],
	'E3 init pissa': [/init_lora_weights is "pissa"/, /path_initial_model_for_weight_conversion/],
	'E3b init pissa_niter_4': [/init_lora_weights is "pissa_niter_4"/, /weight_conversion/],
	'E3c init olora': [/init_lora_weights is "olora"/, /weight_conversion/],
	'E3d loftq': [/init_lora_weights is "loftq"|loftq_config is/, /weight_conversion/],
	'E3e corda': [/init_lora_weights is "corda"|corda_config is/, /weight_conversion/],
	'E4 aLoRA': [/alora_invocation_tokens is a list of 2/, /aLoRA/],
	'E4b qalora': [/use_qalora is true/, /plain LoRA/],
	'E4c arrow': [/arrow_config is an object with one entry/, /plain LoRA/],
	'E4e alpha_pattern': [/alpha_pattern is an object with one entry/, /one lora_alpha/],
	'E5c language_model in path (VL)': [/language_model.*is not a LoRA matrix/, /vision-language/],
	'E5e embed_tokens saved along': [/embed_tokens\.weight" is not/, /save_embedding_layers=False/],
	'E5f dora magnitude with use_dora false': [/lora_magnitude_vector" is not/, /DoRA/],
	'E5g A with NaN': [/q_proj\.lora_A\.weight" holds NaN at number 5/, /diverged/],
	'E5h qkv fused': [/qkv_proj.*is not a LoRA matrix/, /Supported are/],
	'E5i lora_A both names twice': [/layer 0 q_proj has lora_[AB] twice/, /damaged/],
	'E6 pickle .bin': [/is a PyTorch file/, /adapter_model\.safetensors/],
	'E6b git-lfs pointer': [/is a pointer of Git LFS/, /git lfs pull/],
	'E7d F8': [/is of type F8_E4M3; F64, F32, F16, BF16 can be read/, /export them again/],
};

const weightsOf = (name: string): Uint8Array => WEIGHTS[name] ?? plain;

test('every case has its right value', () => {
	expect(Object.keys(CASES).sort()).toEqual([...Object.keys(READ), ...Object.keys(REFUSED)].sort());
});

describe('read', () => {
	test.each(Object.entries(READ))('%s', (name, scaling) => {
		const { config, matrices } = readPeftAdapter(weightsOf(name), CASES[name]);
		expect(config.alpha / config.rank).toBeCloseTo(scaling, 12);
		expect(matrices).toEqual([
			{ layer: 0, module: 'q_proj', loraA: A, loraB: B, inFeatures: 3, outFeatures: 2 },
		]);
	});
});

describe('refused by name, with what to do', () => {
	test.each(Object.entries(REFUSED))('%s', (name, [message, hint]) => {
		let error: unknown;
		try {
			readPeftAdapter(weightsOf(name), CASES[name]);
		} catch (thrown) {
			error = thrown;
		}
		expect(error).toBeInstanceOf(AppError);
		expect(error).toMatchObject({ kind: 'format', message: expect.stringMatching(message) as unknown });
		expect((error as AppError).hint).toMatch(hint);
	});
});

/** More inputs of the same kinds. */
describe('settings outside the collected cases', () => {
	const base = CASES['E1 plain (must pass)'] as Record<string, unknown>;
	const read = (change: object): unknown => readPeftAdapter(plain, { ...base, ...change });

	test.each([
		{ modules_to_save: [] },
		{ layers_pattern: '' },
		{ eva_config: { rho: 2 }, init_lora_weights: 'eva' },
		{ init_lora_weights: 'gaussian' },
		{ init_lora_weights: false },
		{ init_lora_weights: null },
		{ trainable_token_indices: {} },
		{ r: 2, lora_alpha: null },
		{ peft_version: '0.19.0', auto_mapping: { base_model_class: 'X', parent_library: 'y' } },
		{ some_later_setting: null },
		{ some_later_setting: false },
		{ some_later_setting: {} },
	])('reads %j', (change) => {
		expect(() => read(change)).not.toThrow();
	});

	test.each([
		[{ use_dora: true }, /use_dora is true/],
		[{ bias: 'lora_only' }, /bias is "lora_only"/],
		[{ lora_bias: true }, /lora_bias is true/],
		[{ fan_in_fan_out: true }, /fan_in_fan_out is true/],
		[{ modules_to_save: ['lm_head', 'embed_tokens'] }, /modules_to_save is a list of 2/],
		[{ trainable_token_indices: [1] }, /trainable_token_indices is a list of 1/],
		[{ target_parameters: ['experts.0'] }, /target_parameters is a list of 1/],
		[{ layer_replication: [[0, 4]] }, /layer_replication is a list of 1/],
		[{ layers_to_transform: 0 }, /layers_to_transform is 0/],
		[{ init_lora_weights: 'lora_ga' }, /init_lora_weights is "lora_ga"/],
		[{ some_later_setting: 16 }, /some_later_setting is 16, a setting that is not known here/],
		[{ some_later_setting: 'x'.repeat(9000) }, /some_later_setting is "x{59}…, a setting/],
		[JSON.parse('{"__proto__": {"use_dora": true}}') as object, /__proto__ is an object with one entry/],
		[{ peft_type: 'LOHA' }, /peft_type is not usable: "LOHA"/],
		[{ peft_type: null }, /peft_type is not usable: null/],
		[{ r: 2.5 }, /r is not usable: 2\.5/],
		[{ r: -2 }, /r is not usable: -2/],
		[{ r: '2' }, /r is not usable: "2"/],
		[{ r: 1e300 }, /r is not usable/],
		[{ lora_alpha: 0 }, /lora_alpha is not usable: 0/],
		[{ lora_alpha: -4 }, /lora_alpha is not usable: -4/],
		[{ lora_alpha: Infinity }, /lora_alpha is not usable: Infinity/],
		[{ lora_alpha: Number.NaN }, /lora_alpha is not usable: NaN/],
		[{ use_rslora: 'true' }, /use_rslora is not usable: "true"/],
	])('refuses %j', (change, message) => {
		// A spread would not copy an own `__proto__`.
		expect(() =>
			readPeftAdapter(plain, Object.fromEntries([...Object.entries(base), ...Object.entries(change)])),
		).toThrow(message);
	});

	test('a pattern that is deep or has many entries is refused at once', () => {
		const deep = JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`) as object;
		expect(() => read({ rank_pattern: deep })).toThrow(/rank_pattern is an object with one entry/);
		const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`(a+)+${i}$`, 4]));
		expect(() => read({ rank_pattern: many })).toThrow(/rank_pattern is an object with 20000 entries/);
	});

	test.each([null, 'text', 3, [], undefined])('a configuration that is %j is refused', (config) => {
		expect(() => readPeftAdapter(plain, config)).toThrow(/adapter_config\.json/);
	});
});

describe('tensor names', () => {
	test.each([
		['a layer with a leading zero', 'base_model.model.model.layers.00.self_attn.q_proj'],
		['a module under another parent', 'base_model.model.model.layers.0.mlp.q_proj'],
		['a layer that is no number', 'base_model.model.model.layers.x.self_attn.q_proj'],
		['a layer beyond all models', 'base_model.model.model.layers.123456.self_attn.q_proj'],
		['a name of Object', 'base_model.model.model.layers.0.self_attn.constructor'],
	])('%s is refused', (_what, root) => {
		const config = CASES['E1 plain (must pass)'];
		expect(() => readPeftAdapter(writeSafetensors(pair(root)), config)).toThrow(/is not a LoRA matrix/);
	});

	test('infinity is named like NaN', () => {
		const tensors = pair(ROOT).map((tensor) => ({ ...tensor, data: tensor.data.with(0, -Infinity) }));
		expect(() => readPeftAdapter(writeSafetensors(tensors), CASES['E1 plain (must pass)'])).toThrow(
			/holds -Infinity at number 1/,
		);
	});

	test('a matrix with three axes is refused', () => {
		const tensors = pair(ROOT).map((tensor) => ({ ...tensor, shape: [...tensor.shape, 1] }));
		expect(() => readPeftAdapter(writeSafetensors(tensors), CASES['E1 plain (must pass)'])).toThrow(
			/lora_A \[2, 3, 1\]/,
		);
	});
});
