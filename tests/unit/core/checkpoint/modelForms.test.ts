import { describe, expect, test } from 'vitest';
import {
	expectForms,
	formTitle,
	modelForms,
	quantizationOf,
	wantedForm,
} from '#core/checkpoint/modelForms.ts';

const listed = (...paths: string[]) => paths.map((path, i) => ({ path, size: 100 + i }));

describe('safetensors', () => {
	test('in one file, with configuration and tokenizer first', () => {
		const files = listed(
			'.gitattributes',
			'README.md',
			'config.json',
			'model.safetensors',
			'tokenizer.json',
			'tokenizer_config.json',
			'onnx/model.onnx',
			'pytorch_model.bin',
		);
		expect(modelForms(files)).toEqual([
			{
				kind: 'safetensors',
				folder: '',
				weights: ['model.safetensors'],
				index: null,
				paths: ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'],
				bytes: 102 + 104 + 105 + 103,
			},
		]);
	});

	test('in several files, in order, with their index', () => {
		const [form] = modelForms(
			listed(
				'model-00002-of-00002.safetensors',
				'model.safetensors.index.json',
				'config.json',
				'model-00001-of-00002.safetensors',
				'original/consolidated.00.safetensors',
			),
		);
		expect(form).toMatchObject({
			weights: ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'],
			index: 'model.safetensors.index.json',
			paths: [
				'config.json',
				'model.safetensors.index.json',
				'model-00001-of-00002.safetensors',
				'model-00002-of-00002.safetensors',
			],
		});
	});

	test.each([
		['a single file of another name', ['config.json', 'weights.safetensors'], ['weights.safetensors']],
		[
			'beside Mistral’s own form',
			['config.json', 'consolidated.safetensors', 'model.safetensors'],
			['model.safetensors'],
		],
		['in a folder of its own', ['a/config.json', 'a/model.safetensors'], ['a/model.safetensors']],
		[
			'as one file and split, the one file',
			['config.json', 'model.safetensors', 'model-00001-of-00001.safetensors'],
			['model.safetensors'],
		],
	])('%s', (_name, paths, weights) => {
		expect(modelForms(listed(...paths))).toMatchObject([{ kind: 'safetensors', weights }]);
	});
});

test('MLC’s folder, with either name of its tensor cache, and its shards by number', () => {
	const paths = ['mlc-chat-config.json', 'params_shard_10.bin', 'params_shard_2.bin', 'tokenizer.json'];
	expect(modelForms(listed(...paths, 'ndarray-cache.json', 'ndarray-cache-b16.json'))).toEqual([
		{
			kind: 'mlc',
			folder: '',
			tensorCache: 'ndarray-cache.json',
			paths: [
				'mlc-chat-config.json',
				'ndarray-cache.json',
				'tokenizer.json',
				'params_shard_2.bin',
				'params_shard_10.bin',
			],
			bytes: 100 + 101 + 102 + 103 + 104,
		},
	]);
	expect(modelForms(listed(...paths, 'tensor-cache.json', 'ndarray-cache.json'))).toMatchObject([
		{ tensorCache: 'tensor-cache.json' },
	]);
});

describe('GGUF', () => {
	const files = [
		{ path: 'm-Q8_0.gguf', size: 800 },
		{ path: 'm-Q4_K_M.gguf', size: 400 },
		{ path: 'mmproj-m-f16.gguf', size: 50 },
		{ path: 'm.imatrix.gguf', size: 5 },
		{ path: 'BF16/m-BF16-00002-of-00002.gguf', size: 600 },
		{ path: 'BF16/m-BF16-00001-of-00002.gguf', size: 700 },
		{ path: 'F32/m-F32-00001-of-00003.gguf', size: 700 },
	];

	test('each model is a form, the smallest of a folder first, with all its splits', () => {
		expect(modelForms(files)).toMatchObject([
			{ kind: 'gguf', quantization: 'Q4_K_M', bytes: 400, weights: ['m-Q4_K_M.gguf'] },
			{ kind: 'gguf', quantization: 'Q8_0', bytes: 800 },
			{
				kind: 'gguf',
				quantization: 'BF16',
				folder: 'BF16/',
				bytes: 1300,
				weights: ['BF16/m-BF16-00001-of-00002.gguf', 'BF16/m-BF16-00002-of-00002.gguf'],
			},
		]);
	});

	test('an address asks for one by its file or its quantization', () => {
		const forms = modelForms(files);
		const wanted = (file: string | null, quantization: string | null) =>
			wantedForm(forms, { file, quantization })?.paths[0] ?? null;
		expect(wanted('m-Q8_0.gguf', null)).toBe('m-Q8_0.gguf');
		expect(wanted(null, 'q4_k_m')).toBe('m-Q4_K_M.gguf');
		expect(wanted('BF16/m-BF16-00002-of-00002.gguf', null)).toBe('BF16/m-BF16-00001-of-00002.gguf');
		expect(wanted(null, null)).toBeNull();
		expect(wanted('x', 'Q2_K')).toBeNull();
	});

	test.each([
		['SmolLM2-135M-Instruct-Q4_K_M', 'Q4_K_M'],
		['qwen2.5-0.5b-instruct-fp16', 'FP16'],
		['model.IQ2_XXS', 'IQ2_XXS'],
		['m-UD-Q3_K_XL', 'Q3_K_XL'],
		['gpt-oss-20b-MXFP4', 'MXFP4'],
		['ggml-model-f32', 'F32'],
		['Q4nothing', null],
		['model', null],
	])('the quantization of %s is %s', (name, quantization) => {
		expect(quantizationOf(name)).toBe(quantization);
	});
});

test('several forms: the easiest to load first, each with a title', () => {
	const forms = modelForms(
		listed(
			'a-Q8_0.gguf',
			'config.json',
			'model.safetensors',
			'mlc/mlc-chat-config.json',
			'mlc/tensor-cache.json',
		),
	);
	expect(forms.map(({ kind }) => kind)).toEqual(['mlc', 'safetensors', 'gguf']);
	expect(forms.map(formTitle)).toEqual(['mlc/MLC · 207 B', 'safetensors · 203 B', 'Q8_0 · 201 B']);
});

describe('no model', () => {
	test.each([
		['nothing', [], /it is empty/, /config\.json/],
		[
			'PyTorch files',
			['config.json', 'pytorch_model.bin', 'README.md'],
			/1 \.json, 1 \.bin, 1 \.md/,
			/PyTorch files/,
		],
		['an adapter', ['adapter_config.json', 'adapter_model.safetensors'], /1 \.safetensors/, /LoRA adapter/],
		[
			'a missing part',
			['config.json', 'model-00001-of-00002.safetensors'],
			/1 \.safetensors/,
			/part of the weights is missing/,
		],
		['safetensors without a configuration', ['model.safetensors'], /1 \.safetensors/, /config\.json/],
		['a projector', ['mmproj-model-f16.gguf'], /1 \.gguf/, /projector/],
		['ONNX', ['onnx/model.onnx'], /1 \.onnx/, /safetensors or GGUF/],
		['rows', ['train.parquet', 'test.parquet', 'LICENSE'], /2 \.parquet, 1 others/, /dataset/],
	])('%s: says what there is and what to do', (_name, paths, message, hint) => {
		expect(() => expectForms(listed(...paths), 'owner/name')).toThrow(
			expect.objectContaining({
				code: 'model-form-unknown',
				message: expect.stringMatching(message) as unknown,
				hint: expect.stringMatching(hint) as unknown,
			}) as Error,
		);
	});
});
