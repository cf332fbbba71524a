/** Conversions of a tiny model, read back with the readers of both engines' files. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Checkpoint } from '#core/checkpoint/checkpoint.ts';
import { folderFiles, planFolder, type FolderOptions } from '#core/checkpoint/convert/convert.ts';
import type { RenderChat } from '#core/checkpoint/convert/conversation.ts';
import { loraShapes, weightRecords } from '#core/checkpoint/convert/records.ts';
import type { LargestRounding } from '#core/checkpoint/convert/rounding.ts';
import { planShards } from '#core/checkpoint/convert/shards.ts';
import { withOneMeaningOfDigits } from '#core/checkpoint/convert/tokenizerJson.ts';
import { lossless } from '#core/checkpoint/convert/storage.ts';
import { openGguf } from '#core/checkpoint/gguf/open.ts';
import { openHuggingFace } from '#core/checkpoint/safetensors/open.ts';
import { widenHalf, roundToHalf } from '#core/format/float16.ts';
import { asFloats } from '#core/format/numberFormat.ts';
import { configFromMlc } from '#core/model/config.ts';
import { fuseWeights, type HostTensor } from '#model/fuse.ts';
import { parseJson, readTensorCache } from '#runtime/models/manifest.ts';
import { decodeRecord } from '#runtime/models/tensors.ts';
import { loadTokenizer } from '#runtime/tokenizer/tokenizer.ts';
import { memorySource, newMd5, wholeOf, writeGguf } from '#tests/support/checkpointFiles.ts';
import {
	ggufTensors,
	TINY_METADATA,
	tinyGguf,
	tinyHuggingFace,
	tinyNumbers,
	tinyShapes,
	type Numbers,
} from '#tests/support/tinyCheckpoints.ts';

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

function optionsOf(checkpoint: Checkpoint, more: Partial<FolderOptions> = {}): FolderOptions {
	const tools = loadTokenizer(checkpoint.tokenizerJson, checkpoint.tokenizerConfig);
	const renderChat: RenderChat = (messages, opens) => tools.renderChat(messages, opens);
	return { storage: 'bf16', loraRank: 4, contextWindow: 2048, prefillChunk: 64, renderChat, ...more };
}

interface Folder {
	files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
	rounding: LargestRounding | null;
}

async function convert(checkpoint: Checkpoint, more: Partial<FolderOptions> = {}): Promise<Folder> {
	const files = new Map<string, Uint8Array<ArrayBuffer>>();
	const generator = folderFiles(planFolder(checkpoint, optionsOf(checkpoint, more)), newMd5);
	for (;;) {
		const next = await generator.next();
		if (next.done === true) return { files, rounding: next.value };
		const { path, size, pieces } = next.value;
		const bytes = await wholeOf(pieces);
		expect(bytes.length).toBe(size);
		files.set(path, bytes);
	}
}

const jsonOf = ({ files }: Folder, path: string): unknown => parseJson(files.get(path)!, path);

/** All records but LoRA's as f32, by MLC's names, through the trainer's reader. */
function weightsOf(folder: Folder): Map<string, HostTensor> {
	const weights = new Map<string, HostTensor>();
	for (const { dataPath, records, md5sum, nbytes } of readTensorCache(
		jsonOf(folder, 'tensor-cache.json'),
		'x',
	).records) {
		const bytes = folder.files.get(dataPath)!;
		expect([bytes.length, md5(bytes)]).toEqual([nbytes, md5sum]);
		for (const record of records) {
			const tensor = decodeRecord(record, bytes, dataPath);
			const floats = asFloats(tensor);
			if (record.name.includes('.lora_')) expect(floats.every((value) => value === 0)).toBe(true);
			else weights.set(record.name.replace(/^model\./, ''), { shape: tensor.shape, data: floats });
		}
	}
	return weights;
}

const fused = (numbers: Numbers): Map<string, HostTensor> => fuseWeights(new Map(Object.entries(numbers)));
const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
	[...map].sort(([a], [b]) => (a < b ? -1 : 1));

describe('every number is stored exactly', () => {
	test.each<[name: string, open: (numbers: Numbers) => Promise<Checkpoint>]>([
		['bf16 in safetensors', (numbers) => openHuggingFace(tinyHuggingFace(numbers, 'BF16'))],
		['f32 that was bf16', (numbers) => openHuggingFace(tinyHuggingFace(numbers, 'F32'))],
		['a GGUF file in f32 that was bf16', (numbers) => openGguf([memorySource(tinyGguf(numbers))])],
		[
			'a GGUF file in bf16',
			(numbers) => openGguf([memorySource(writeGguf(TINY_METADATA, ggufTensors(numbers, 'BF16')))]),
		],
	])('from %s', async (_name, open) => {
		const numbers = tinyNumbers();
		const checkpoint = await open(numbers);
		expect(await lossless(checkpoint)).toBe('bf16');
		const folder = await convert(checkpoint);
		expect(folder.rounding).toBeNull();
		expect(sorted(weightsOf(folder))).toEqual(sorted(fused(numbers)));
		expect(jsonOf(folder, 'mlc-chat-config.json')).toMatchObject({ quantization: 'q0f32' });
	});

	test.each<[name: string, open: (numbers: Numbers) => Promise<Checkpoint>]>([
		['f16 in safetensors', (numbers) => openHuggingFace(tinyHuggingFace(numbers, 'F16'))],
		[
			'a GGUF file in f16',
			(numbers) => openGguf([memorySource(writeGguf(TINY_METADATA, ggufTensors(numbers, 'F16')))]),
		],
	])('from %s', async (_name, open) => {
		const numbers = Object.fromEntries(
			Object.entries(tinyNumbers()).map(([name, { shape, data }]) => [
				name,
				{ shape, data: widenHalf(roundToHalf(data.map((value) => value / 3))) },
			]),
		);
		const checkpoint = await open(numbers);
		const storage = await lossless(checkpoint);
		const folder = await convert(checkpoint, { storage });
		expect([storage, folder.rounding]).toEqual(['f16', null]);
		expect(sorted(weightsOf(folder))).toEqual(sorted(fused(numbers)));
		expect(jsonOf(folder, 'mlc-chat-config.json')).toMatchObject({ quantization: 'q0f16' });
	});
});

test('f32 that is neither is rounded to f16, and the largest error is reported', async () => {
	const numbers = tinyNumbers();
	const { data } = numbers['model.layers.0.mlp.up_proj.weight']!;
	data[5] = 40 + 2 ** -8;
	const checkpoint = await openHuggingFace(tinyHuggingFace(numbers, 'F32'));
	const storage = await lossless(checkpoint);
	const { rounding } = await convert(checkpoint, { storage });
	expect([storage, rounding]).toEqual([
		'f16',
		{ tensor: 'model.layers.0.mlp.up_proj.weight', error: 2 ** -8 },
	]);
	expect(await convert(checkpoint, { storage: 'bf16' })).toMatchObject({ rounding: { error: 2 ** -8 } });
});

test('the folder has the files of both engines, and tensor-cache.json is the last', async () => {
	const { files } = await convert(await openHuggingFace(tinyHuggingFace()));
	expect([...files.keys()]).toEqual([
		'params_shard_0.bin',
		'params_shard_lora_zeros.bin',
		'tokenizer.json',
		'tokenizer_config.json',
		'mlc-chat-config.json',
		'tensor-cache.json',
	]);
	const without = await convert(await openHuggingFace(tinyHuggingFace()), { loraRank: 0 });
	expect(without.files.has('params_shard_lora_zeros.bin')).toBe(false);
});

test('the configuration reads back', async () => {
	const checkpoint = await openHuggingFace(tinyHuggingFace());
	const chat = jsonOf(await convert(checkpoint), 'mlc-chat-config.json');
	expect(configFromMlc(chat)).toEqual(checkpoint.config);
	expect(chat).toMatchObject({
		context_window_size: 128,
		prefill_chunk_size: 64,
		eos_token_id: 0,
		bos_token_id: null,
	});
});

test('the step Digits gets one meaning in both engines', async () => {
	const tokenizer = jsonOf(await convert(await openHuggingFace(tinyHuggingFace())), 'tokenizer.json');
	expect(tokenizer).toMatchObject({
		pre_tokenizer: {
			pretokenizers: [
				{ type: 'Split', pattern: { Regex: '\\p{N}' }, behavior: 'Isolated', invert: false },
				{ type: 'ByteLevel' },
			],
		},
	});
});

test('records and LoRA’s zeros are those that the libraries are compiled for', () => {
	const folder = 'public/models/anchor-1m';
	const json = (path: string): unknown => JSON.parse(readFileSync(`${folder}/${path}`, 'utf8'));
	const config = configFromMlc(json('mlc-chat-config.json'));
	const [weights, zeros] = readTensorCache(json('tensor-cache.json'), 'x').records;
	const shapes = (list: readonly { name: string; shape: readonly number[] }[] = []) =>
		list.map(({ name, shape }) => [name, shape]);
	expect(shapes([...weightRecords(config)])).toEqual(shapes(weights?.records));
	expect(shapes(loraShapes(config, 16))).toEqual(shapes(zeros?.records));
	const qwen = { ...config, architecture: 'qwen3' as const, qkNorm: true, attentionBias: true, layers: 1 };
	expect([...weightRecords(qwen)].map(({ name }) => name)).toEqual([
		'model.embed_tokens.weight',
		'model.layers.0.input_layernorm.weight',
		'model.layers.0.self_attn.c_attn.weight',
		'model.layers.0.self_attn.c_attn.bias',
		'model.layers.0.self_attn.q_norm.weight',
		'model.layers.0.self_attn.k_norm.weight',
		'model.layers.0.self_attn.o_proj.weight',
		'model.layers.0.post_attention_layernorm.weight',
		'model.layers.0.mlp.gate_up_proj.weight',
		'model.layers.0.mlp.down_proj.weight',
		'model.norm.weight',
	]);
});

test('a plan counts the numbers and bytes of the model', async () => {
	const checkpoint = await openHuggingFace(tinyHuggingFace());
	const { parameters, bytes } = planFolder(checkpoint, optionsOf(checkpoint));
	const numbers = Object.values(tinyNumbers());
	const vectors = numbers.filter(({ shape }) => shape.length === 1);
	const count = (list: typeof numbers): number => list.reduce((sum, { data }) => sum + data.length, 0);
	expect(parameters).toBe(count(numbers));
	// Matrices take two bytes a number, norms four.
	expect(bytes).toBe(2 * count(numbers) + 2 * count(vectors));
});

test('shards hold 32 MB, and a larger record is alone', () => {
	const record = (name: string, megabytes: number) => ({ name, shape: [megabytes, 2 ** 19], tensors: [] });
	const shards = planShards([record('a', 40), record('b', 20), record('c', 12), record('d', 1)], 'f16');
	expect(shards.map(({ records }) => records.map(({ name, byteOffset }) => [name, byteOffset]))).toEqual([
		[['a', 0]],
		[
			['b', 0],
			['c', 20 * 2 ** 20],
		],
		[['d', 0]],
	]);
});

describe('refuses', () => {
	const plan = async (change: (numbers: Numbers) => Numbers): Promise<unknown> => {
		const checkpoint = await openHuggingFace(tinyHuggingFace(change(tinyNumbers())));
		return planFolder(checkpoint, optionsOf(checkpoint));
	};
	const UP = 'model.layers.0.mlp.up_proj.weight';

	test.each<[name: string, change: (numbers: Numbers) => Numbers, code: string, message: RegExp]>([
		[
			'a missing tensor',
			(numbers) => Object.fromEntries(Object.entries(numbers).filter(([name]) => name !== UP)),
			'weight-missing',
			/“model.layers.0.mlp.up_proj.weight”/,
		],
		[
			'a tensor of another shape',
			(numbers) => ({ ...numbers, [UP]: { ...numbers[UP]!, shape: [32, 64] } }),
			'weight-shape',
			/model.safetensors: .*\[32, 64\].*\[64, 32\]/,
		],
		[
			'tensors that the architecture lacks',
			(numbers) => ({ ...numbers, 'model.x': numbers[UP]!, 'model.y': numbers[UP]! }),
			'weight-unexpected',
			/“model.x” and 1 more.* llama /,
		],
	])('%s', async (_name, change, code, message) => {
		await expect(plan(change)).rejects.toMatchObject({
			code,
			message: expect.stringMatching(message) as string,
		});
	});

	test('a tokenizer of another model', async () => {
		const files = tinyHuggingFace();
		const { model, ...tokenizer } = files.tokenizer as { model: { vocab: object } };
		const other = { ...tokenizer, model: { ...model, vocab: { ...model.vocab, more: 8 } } };
		const checkpoint = await openHuggingFace({ ...files, tokenizer: other });
		expect(() => planFolder(checkpoint, optionsOf(checkpoint))).toThrow(/has the token 8/);
	});

	test.each([
		['NaN', Number.NaN, 'weight-not-finite'],
		['a number beyond f16', 70000, 'half-overflow'],
	])('%s, naming the tensor', async (_name, value, code) => {
		const numbers = tinyNumbers();
		numbers[UP]!.data[3] = value;
		for (const dtype of ['F32', 'BF16'] as const) {
			const checkpoint = await openHuggingFace(tinyHuggingFace(numbers, dtype));
			await expect(convert(checkpoint, { storage: 'f16' })).rejects.toMatchObject({
				code,
				message: expect.stringContaining(UP) as string,
			});
		}
	});

	test('a file that shrinks while it is read', async () => {
		const source = memorySource(tinyGguf());
		const checkpoint = await openGguf([source]);
		const options = optionsOf(checkpoint);
		source.read = (start, end) => Promise.resolve(new Uint8Array(Math.max(0, end - start - 1)));
		const { value } = await folderFiles(planFolder(checkpoint, options), newMd5).next();
		if (value === null || !('pieces' in value)) throw new Error('no file');
		await expect(wholeOf(value.pieces)).rejects.toMatchObject({
			code: 'checkpoint-truncated',
		});
	});

	test('to go on after a stop', async () => {
		const checkpoint = await openHuggingFace(tinyHuggingFace());
		const plan = planFolder(checkpoint, optionsOf(checkpoint));
		await expect(folderFiles(plan, newMd5, AbortSignal.abort()).next()).rejects.toMatchObject({
			kind: 'cancelled',
		});
	});
});

test('takes a tied head that is stored twice, derived positions, and names without the first part', async () => {
	const numbers = tinyNumbers(tinyShapes(false));
	const extra = { shape: [2], data: new Float32Array(2) };
	const short = Object.entries(numbers).map(([name, tensor]) => [name.replace(/^model\./, ''), tensor]);
	const all = { ...(Object.fromEntries(short) as Numbers), 'layers.0.self_attn.rotary_emb.inv_freq': extra };
	const folder = await convert(await openHuggingFace(tinyHuggingFace(all)));
	const { 'lm_head.weight': head, ...tied } = numbers;
	expect(head).toBeDefined();
	expect(sorted(weightsOf(folder))).toEqual(sorted(fused(tied)));
});

test('a template in a file of its own is used', async () => {
	const files = {
		...tinyHuggingFace(),
		tokenizerConfig: { eos_token: '<|end|>' },
		chatTemplate: '[{{ messages[0].content }}]',
	};
	const checkpoint = await openHuggingFace(files);
	expect(checkpoint.tokenizerConfig['chat_template']).toBe('[{{ messages[0].content }}]');
});

test('a tokenizer whose steps are nested without end is left as it is', () => {
	const depth = 20_000;
	const text = `${'{"type":"Sequence","pretokenizers":['.repeat(depth)}${']}'.repeat(depth)}`;
	expect(() => withOneMeaningOfDigits({ pre_tokenizer: JSON.parse(text) as unknown })).not.toThrow();
});
