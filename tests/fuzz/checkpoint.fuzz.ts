/** Models from outside: GGUF and safetensors files, their index, and their conversion. */
import fc from 'fast-check';
import { folderFiles, planFolder } from '#core/checkpoint/convert/convert.ts';
import type { Checkpoint } from '#core/checkpoint/checkpoint.ts';
import { parseGgufHeader } from '#core/checkpoint/gguf/header.ts';
import { openGguf } from '#core/checkpoint/gguf/open.ts';
import { numbersOf } from '#core/checkpoint/pieces.ts';
import { openHuggingFace } from '#core/checkpoint/safetensors/open.ts';
import { expectWeightMap, readWeightMap } from '#core/checkpoint/safetensors/weightMap.ts';
import { AppError } from '#core/errors.ts';
import { memorySource, writeGguf, type GgufField } from '#tests/support/checkpointFiles.ts';
import {
	ggufTensors,
	safetensorsOf,
	TINY_METADATA,
	tinyGguf,
	tinyHuggingFace,
	tinyNumbers,
} from '#tests/support/tinyCheckpoints.ts';
import { target, type FuzzTarget } from './target.ts';

async function onlyAppErrors<T>(work: () => T | Promise<T>): Promise<T | null> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof AppError && error.code !== 'unexpected' && error.hint !== '') return null;
		throw error;
	}
}

const NUMBERS = tinyNumbers();
const GGUF = tinyGguf(NUMBERS);
const SAFETENSORS = safetensorsOf(NUMBERS, 'BF16');
const TENSORS = ggufTensors(NUMBERS, 'F16');
const HUGGING_FACE = tinyHuggingFace(NUMBERS);

/** A file with some bytes changed, mostly in its header, and possibly cut off. */
const damaged = (file: Uint8Array<ArrayBuffer>): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
	fc
		.tuple(
			fc.array(
				fc.tuple(
					fc.oneof(fc.nat(1800), fc.nat(file.length - 1)),
					fc.oneof(fc.constantFrom(0, 1, 9, 0x7f, 0xff), fc.nat(255)),
				),
				{ maxLength: 4 },
			),
			fc.oneof({ weight: 4, arbitrary: fc.constant(file.length) }, fc.nat(file.length)),
		)
		.map(([changes, length]) => {
			const bytes = file.slice();
			for (const [at, value] of changes) bytes[at] = value;
			return bytes.slice(0, length);
		});

const field: fc.Arbitrary<GgufField> = fc.oneof(
	fc.nat(300).map((u32) => ({ u32 })),
	fc.float().map((f32) => ({ f32 })),
	fc.boolean().map((flag) => ({ flag })),
	fc.string().map((text) => ({ text })),
	fc.array(fc.string(), { maxLength: 10 }).map((texts) => ({ texts })),
	fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 10 }).map((ints) => ({ ints })),
	fc.array(fc.float(), { maxLength: 10 }).map((floats) => ({ floats })),
);
const KEYS = [
	...Object.keys(TINY_METADATA),
	'llama.rope.scaling.type',
	'tokenizer.ggml.scores',
	'split.count',
	'split.no',
	'general.license',
	'general.license.name',
	'general.license.link',
];
const metadata = fc.dictionary(fc.constantFrom(...KEYS), field, { maxKeys: 3 });

/** Every number can be read, and a conversion gives files or names the fault. */
async function expectUsable(checkpoint: Checkpoint | null): Promise<void> {
	if (checkpoint === null) return;
	for (const tensor of checkpoint.tensors.values()) {
		await onlyAppErrors(async () => {
			for await (const { at, data } of numbersOf(tensor)) {
				if (at + data.length > tensor.source.size) throw new Error(`${at} + ${data.length} numbers`);
			}
		});
	}
	await onlyAppErrors(async () => {
		const renderChat = (messages: readonly { content: string }[]): string =>
			messages.map(({ content }) => `<|user|>${content}<|end|>`).join('');
		const options = { storage: 'f16', loraRank: 2, contextWindow: 64, prefillChunk: 32, renderChat } as const;
		const plan = planFolder(checkpoint, options);
		let bytes = 0;
		const noMd5 = { update: () => undefined, hex: () => '' };
		for await (const { path, pieces } of folderFiles(plan, () => noMd5)) {
			for await (const { length } of pieces) if (/shard_\d/.test(path)) bytes += length;
		}
		if (bytes !== plan.bytes) throw new Error(`${bytes} bytes instead of ${plan.bytes}`);
	});
}

export const targets: FuzzTarget[] = [
	target(
		'GGUF: any bytes',
		fc.uint8Array({ maxLength: 200 }).map((rest) => new Uint8Array([...GGUF.subarray(0, 8), ...rest])),
		async (bytes) => {
			const header = await onlyAppErrors(() => parseGgufHeader(bytes, bytes.length, 'm.gguf'));
			for (const { end } of header?.tensors ?? []) if (end > bytes.length) throw new Error(`ends at ${end}`);
		},
	),
	target('GGUF: a damaged file is read or named', damaged(GGUF), async (bytes) => {
		await expectUsable(await onlyAppErrors(() => openGguf([memorySource(bytes)])));
	}),
	target('GGUF: any metadata', metadata, async (fields) => {
		const file = writeGguf({ ...TINY_METADATA, ...fields }, TENSORS);
		await expectUsable(await onlyAppErrors(() => openGguf([memorySource(file)])));
	}),
	target('GGUF: any metadata in two parts', fc.tuple(metadata, metadata), async ([first, second]) => {
		const parts = [first, second].map((fields, i) => {
			const split = { 'split.no': { u32: i }, 'split.count': { u32: 2 }, ...fields };
			const own = TENSORS.filter((_, n) => n % 2 === i);
			return memorySource(writeGguf(i === 0 ? { ...TINY_METADATA, ...split } : split, own));
		});
		await expectUsable(await onlyAppErrors(() => openGguf(parts)));
	}),
	target('safetensors model: a damaged file is read or named', damaged(SAFETENSORS), async (bytes) => {
		const weights = [memorySource(bytes, 'model.safetensors')];
		await expectUsable(await onlyAppErrors(() => openHuggingFace({ ...HUGGING_FACE, weights })));
	}),
	target(
		'safetensors model: any configuration, tokenizer and index',
		fc.record({
			config: fc.jsonValue(),
			tokenizer: fc.jsonValue(),
			tokenizerConfig: fc.jsonValue(),
			index: fc.jsonValue(),
		}),
		async (files) => {
			for (const [name, json] of Object.entries(files)) {
				await expectUsable(await onlyAppErrors(() => openHuggingFace({ ...HUGGING_FACE, [name]: json })));
			}
		},
	),
	target(
		'index of safetensors: every tensor is where the index says',
		fc.dictionary(fc.string(), fc.string()),
		async (map) => {
			const held = new Map([['a', new Set(['x'])]]);
			const right = await onlyAppErrors(() => {
				expectWeightMap(readWeightMap({ weight_map: map }), held);
				return true;
			});
			if (right === true && (map['x'] !== 'a' || Object.keys(map).length !== 1)) throw new Error('accepted');
		},
	),
];
