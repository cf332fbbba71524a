import { describe, expect, test } from 'vitest';
import type { Checkpoint } from '#core/checkpoint/checkpoint.ts';
import { openGguf } from '#core/checkpoint/gguf/open.ts';
import { numbersOf } from '#core/checkpoint/pieces.ts';
import {
	bytesOf,
	memorySource,
	writeGguf,
	type GgufField,
	type GgufTensorFile,
} from '#tests/support/checkpointFiles.ts';
import {
	ggufTensors,
	TINY,
	TINY_METADATA,
	tinyGguf,
	tinyNumbers,
	tinyShapes,
	type Numbers,
} from '#tests/support/tinyCheckpoints.ts';

const open = (file: Uint8Array<ArrayBuffer>): Promise<Checkpoint> => openGguf([memorySource(file, 'm.gguf')]);
const withMetadata = (metadata: Readonly<Record<string, GgufField>>): Promise<Checkpoint> =>
	open(tinyGguf(tinyNumbers(), metadata));

async function floats(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
	const tensor = checkpoint.tensors.get(name)!;
	const out = new Float32Array(tensor.shape.reduce((a, b) => a * b, 1));
	for await (const { at, data } of numbersOf(tensor)) out.set(data, at);
	return out;
}

async function expectNumbers(checkpoint: Checkpoint, numbers: Numbers): Promise<void> {
	expect([...checkpoint.tensors.keys()].sort()).toEqual(Object.keys(numbers).sort());
	for (const [name, { shape, data }] of Object.entries(numbers)) {
		expect(checkpoint.tensors.get(name)?.shape).toEqual(shape);
		expect(await floats(checkpoint, name)).toEqual(data);
	}
}

/** The metadata under another architecture’s keys. */
function metadataOf(architecture: string, more: Readonly<Record<string, GgufField>> = {}) {
	const renamed = Object.entries(TINY_METADATA).map(([key, value]): [string, GgufField] => [
		key.replace(/^llama\./, `${architecture}.`),
		value,
	]);
	return { ...Object.fromEntries(renamed), 'general.architecture': { text: architecture }, ...more };
}

test('a llama has Hugging Face’s names, order of rows and configuration', async () => {
	const numbers = tinyNumbers();
	const checkpoint = await open(tinyGguf(numbers));
	await expectNumbers(checkpoint, numbers);
	expect(checkpoint.hfConfig).toMatchObject({
		architectures: ['LlamaForCausalLM'],
		rms_norm_eps: 1e-5,
		tie_word_embeddings: true,
		vocab_size: TINY.vocab,
		eos_token_id: 0,
		bos_token_id: null,
	});
	expect(checkpoint.config).toMatchObject({
		architecture: 'llama',
		headDim: 8,
		kvHeads: 2,
		ropeTheta: 10000,
	});
});

test('a head of its own is no tied head', async () => {
	const numbers = tinyNumbers(tinyShapes(false));
	const checkpoint = await open(tinyGguf(numbers));
	await expectNumbers(checkpoint, numbers);
	expect(checkpoint.config.tieWordEmbeddings).toBe(false);
});

test('qwen2 keeps the order of its rows, and has biases', async () => {
	const { heads, kvHeads, headDim } = TINY;
	const bias = (part: string): string => `model.layers.0.self_attn.${part}_proj.bias`;
	const numbers = tinyNumbers({
		...tinyShapes(),
		[bias('q')]: [heads * headDim],
		[bias('k')]: [kvHeads * headDim],
		[bias('v')]: [kvHeads * headDim],
	});
	const checkpoint = await open(writeGguf(metadataOf('qwen2'), ggufTensors(numbers, 'F32', false)));
	await expectNumbers(checkpoint, numbers);
	expect(checkpoint.config).toMatchObject({ architecture: 'qwen2', attentionBias: true });
});

test('qwen3 has norms of heads and its own head size', async () => {
	const norm = (part: string): string => `model.layers.0.self_attn.${part}_norm.weight`;
	const numbers = tinyNumbers({ ...tinyShapes(), [norm('q')]: [TINY.headDim], [norm('k')]: [TINY.headDim] });
	const metadata = metadataOf('qwen3', { 'qwen3.attention.key_length': { u32: TINY.headDim } });
	const checkpoint = await open(writeGguf(metadata, ggufTensors(numbers, 'F32', false)));
	await expectNumbers(checkpoint, numbers);
	expect(checkpoint.config).toMatchObject({ architecture: 'qwen3', qkNorm: true, headDim: 8 });
});

describe('rope scaling', () => {
	/** Llama 3.2's factors for heads of 64 channels, by the formula of convert_hf_to_gguf.py. */
	function factors(count: number, theta: number, factor: number): Float32Array {
		return Float32Array.from({ length: count }, (_, i) => {
			const frequency = 1 / theta ** ((2 * i) / (2 * count));
			const wavelength = (2 * Math.PI) / frequency;
			if (wavelength < 8192 / 4) return 1;
			if (wavelength > 8192) return factor;
			const smooth = (8192 / wavelength - 1) / (4 - 1);
			return 1 / ((1 - smooth) / factor + smooth);
		});
	}
	const withFactors = (data: Float32Array): Promise<Checkpoint> => {
		const tensor: GgufTensorFile = {
			name: 'rope_freqs.weight',
			shape: [data.length],
			type: 0,
			bytes: bytesOf(data),
		};
		const metadata = { ...TINY_METADATA, 'llama.rope.freq_base': { f32: 5e5 } };
		return open(writeGguf(metadata, [tensor, ...ggufTensors(tinyNumbers())]));
	};

	test.each([8, 32])('of Llama 3 is recovered from its factors, factor %i', async (factor) => {
		const { config, tensors } = await withFactors(factors(TINY.headDim / 2, 5e5, factor));
		expect(config.ropeScaling).toEqual({
			factor,
			lowFreqFactor: 1,
			highFreqFactor: 4,
			originalMaxPositions: 8192,
		});
		expect(tensors.has('rope_freqs.weight')).toBe(false);
	});

	test('of one everywhere is none', async () => {
		expect((await withFactors(new Float32Array(4).fill(1))).config.ropeScaling).toBeNull();
	});

	test.each<[string, Float32Array]>([
		['other factors', new Float32Array([1, 2, 3, 4])],
		['factors for another head size', factors(16, 5e5, 8)],
	])('with %s is refused', async (_name, data) => {
		await expect(withFactors(data)).rejects.toMatchObject({ code: 'gguf-unsupported' });
	});

	test('of another type is refused by its name', async () => {
		await expect(withMetadata({ 'llama.rope.scaling.type': { text: 'yarn' } })).rejects.toThrow(/type yarn/);
		const linear = { 'llama.rope.scaling.type': { text: 'linear' }, 'llama.rope.scaling.factor': { f32: 4 } };
		await expect(withMetadata(linear)).rejects.toThrow(/type linear/);
	});
});

describe('refuses', () => {
	test.each<[name: string, metadata: Readonly<Record<string, GgufField>>, code: string, message: RegExp]>([
		['another architecture', { 'general.architecture': { text: 'gemma3' } }, 'gguf-unsupported', /gemma3/],
		['a mixture of experts', { 'llama.expert_count': { u32: 8 } }, 'gguf-unsupported', /8 experts/],
		[
			'a part of a model',
			{ 'split.count': { u32: 3 } },
			'gguf-unsupported',
			/is part 1 of 3 of a model, and only/,
		],
		[
			'a rotation of a part of the head',
			{ 'llama.rope.dimension_count': { u32: 4 } },
			'gguf-unsupported',
			/is 4/,
		],
		[
			'heads that differ by layer',
			{ 'llama.attention.head_count': { ints: [4, 8] } },
			'gguf-metadata',
			/all layers/,
		],
		['a size that is a text', { 'llama.embedding_length': { text: '32' } }, 'gguf-metadata', /not “32”/],
		[
			'sizes that contradict each other',
			{ 'llama.attention.head_count_kv': { u32: 3 } },
			'model-config-invalid',
			/3/,
		],
		['an unknown tokenizer', { 'tokenizer.ggml.model': { text: 't5' } }, 'gguf-unsupported', /“t5”/],
		['an unknown split', { 'tokenizer.ggml.pre': { text: 'tekken' } }, 'gguf-unsupported', /“tekken”/],
		[
			'an end beyond the vocabulary',
			{ 'tokenizer.ggml.eos_token_id': { u32: 8 } },
			'gguf-invalid',
			/eos token 8/,
		],
		[
			'a token that occurs twice',
			{ 'tokenizer.ggml.tokens': { texts: ['a', 'b', 'a', 'c', 'd', 'e', 'f', 'g'] } },
			'gguf-invalid',
			/the token "a" twice: 0 and 2/,
		],
	])('%s', async (_name, metadata, code, message) => {
		await expect(withMetadata(metadata)).rejects.toMatchObject({
			code,
			message: expect.stringMatching(message) as string,
			hint: expect.stringMatching(/./) as string,
		});
	});

	test('a file without an embedding', async () => {
		await expect(open(writeGguf(TINY_METADATA, []))).rejects.toThrow(/holds no embedding/);
	});

	test('a missing field by its key', async () => {
		const metadata = Object.fromEntries(
			Object.entries(TINY_METADATA).filter(([key]) => key !== 'llama.block_count'),
		);
		await expect(open(writeGguf(metadata, ggufTensors(tinyNumbers())))).rejects.toThrow(
			/llama.block_count is missing/,
		);
	});
});

describe('parts of one model', () => {
	const numbers = tinyNumbers();
	/** The tensors of one part behind its own header; only the first has the model's metadata. */
	function part(no: number, count: number, changes: Readonly<Record<string, GgufField>> = {}) {
		const own = ggufTensors(numbers).filter((_, i) => i % count === no);
		const split = { 'split.no': { u32: no }, 'split.count': { u32: count }, ...changes };
		const file = writeGguf(no === 0 ? { ...TINY_METADATA, ...split } : split, own);
		return memorySource(file, `m-0000${no + 1}-of-0000${count}.gguf`);
	}

	test('are read as one', async () => {
		await expectNumbers(await openGguf([part(0, 3), part(1, 3), part(2, 3)]), numbers);
	});

	test.each([
		['in another order', [part(0, 2), part(0, 2)], /m-00001-of-00002.gguf: is part 1 of 2 .* place 2 of 2/],
		['of another count', [part(0, 3), part(1, 3)], /part 1 of 3/],
		[
			'a whole model among them',
			[part(0, 2), memorySource(tinyGguf(numbers), 'm.gguf')],
			/m.gguf: is part 1 of 1/,
		],
	])('%s are refused by name', async (_what, sources, message) => {
		await expect(openGguf(sources)).rejects.toThrow(message);
	});

	test('name a tensor that two parts hold', async () => {
		const twice = memorySource(
			writeGguf({ 'split.no': { u32: 1 }, 'split.count': { u32: 2 } }, ggufTensors(numbers)),
		);
		await expect(openGguf([part(0, 2), twice])).rejects.toMatchObject({ code: 'gguf-invalid' });
	});
});

test.each<[Readonly<Record<string, GgufField>>, Checkpoint['license']]>([
	[{}, null],
	[{ 'general.license': { text: 'apache-2.0' } }, { name: 'apache-2.0', address: null }],
	[
		{
			'general.license': { text: 'other' },
			'general.license.name': { text: 'llama3.2' },
			'general.license.link': { text: 'https://www.llama.com/llama3_2/license/' },
		},
		{ name: 'llama3.2', address: 'https://www.llama.com/llama3_2/license/' },
	],
	[
		{ 'general.license': { text: ' mit\u0000 ' }, 'general.license.link': { text: 'javascript:alert(1)' } },
		{ name: 'mit', address: null },
	],
	[{ 'general.license': { u32: 7 } }, null],
])('the licence in the metadata %j', async (metadata, license) => {
	expect((await withMetadata(metadata)).license).toEqual(license);
});
