import { describe, expect, test } from 'vitest';
import type { LibraryWeights } from '#core/model/compiledLibrary.ts';
import { libraryView, weightsOf } from '#runtime/models/libraries/libraryView.ts';
import { readTensorCache, type TensorCache } from '#runtime/models/manifest.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';

type Row = [name: string, shape: number[], dtype: string, format?: string, width?: number];

/** One shard with these records one after the other. */
function shardOf(...rows: Row[]): TensorCache {
	let byteOffset = 0;
	const records = rows.map(([name, shape, dtype, format = 'raw', width = dtype === 'float16' ? 2 : 4]) => {
		const nbytes = width * shape.reduce((product, n) => product * n, 1);
		const record = { name, shape, dtype, format, nbytes, byteOffset };
		byteOffset += nbytes;
		return record;
	});
	const shard = { dataPath: 'params_shard_0.bin', format: 'raw-shard', nbytes: byteOffset, records };
	return readTensorCache({ metadata: {}, records: [shard] }, 'tensor-cache.json');
}

const HALF = shardOf(
	['m.weight', [3, 4], 'float16'],
	['norm.weight', [4], 'float16'],
	['m.bias', [6], 'float16'],
);
const BRAIN = shardOf(
	['m.weight', [3, 4], 'float32', 'f32-to-bf16', 2],
	['norm.weight', [4], 'float32'],
	['m.bias', [3], 'float32'],
);
const Q4F16 = shardOf(
	['m.q_weight', [3, 8], 'uint32'],
	['m.q_scale', [3, 2], 'float16'],
	['n.weight', [4], 'float16'],
);
const Q4F32 = shardOf(
	['m.q_weight', [3, 8], 'uint32'],
	['m.q_scale', [3, 2], 'float32', 'f32-to-bf16', 2],
	['n.weight', [4], 'float32'],
);

describe('the form of a folder’s weights', () => {
	test.each<[string, TensorCache, LibraryWeights | null]>([
		['q0f16', HALF, 'f16'],
		['q0f32', BRAIN, 'bf16'],
		['q4f16_1', Q4F16, 'q4f16_1'],
		['q4f32_1', Q4F32, 'q4f32_1'],
		// Forms that no library reads, and names that the records do not bear out.
		['q0f32', shardOf(['m.weight', [3, 4], 'float32']), null],
		['q0f16', shardOf(['m.weight', [3, 5], 'float16']), null],
		['q4f16_0', Q4F16, null],
		['q4f16_1', Q4F32, null],
		['q0f16', BRAIN, null],
		['constructor', HALF, null],
		['q0f16', readTensorCache({ records: [] }, 'x'), null],
	])('%s', (quantization, cache, weights) => expect(weightsOf({ quantization }, cache)).toBe(weights));

	test('is unknown if the configuration names none', () => {
		expect(weightsOf(null, HALF)).toBeNull();
		expect(weightsOf({ quantization: 4 }, HALF)).toBeNull();
	});
});

describe('the view of a library', () => {
	const view = (cache: TensorCache, weights: LibraryWeights, rank = 0): TensorCache =>
		readTensorCache(
			libraryView(cache, weights, { config: SMALL_MODEL, rank, addressOf: (path) => `at/${path}` })
				.tensorCache,
			'view',
		);
	const declared = (cache: TensorCache, weights: LibraryWeights) =>
		view(cache, weights).records.flatMap(({ records }) =>
			records.map(({ name, shape, dtype, format }) => [name, shape, dtype, format]),
		);

	test('declares pairs of numbers as words, by form', () => {
		expect(declared(HALF, 'f16')).toEqual([
			['m.weight', [3, 2], 'uint32', 'raw'],
			['norm.weight', [2], 'uint32', 'raw'],
			['m.bias', [3], 'uint32', 'raw'],
		]);
		expect(declared(BRAIN, 'bf16')).toEqual([
			['m.weight', [3, 2], 'uint32', 'raw'],
			['norm.weight', [4], 'float32', 'raw'],
			['m.bias', [3], 'float32', 'raw'],
		]);
		expect(declared(Q4F16, 'q4f16_1')).toEqual([
			['m.q_weight', [3, 8], 'uint32', 'raw'],
			['m.q_scale', [3, 1], 'uint32', 'raw'],
			['n.weight', [2], 'uint32', 'raw'],
		]);
		expect(declared(Q4F32, 'q4f32_1')).toEqual([
			['m.q_weight', [3, 8], 'uint32', 'raw'],
			['m.q_scale', [3, 2], 'float32', 'f32-to-bf16'],
			['n.weight', [4], 'float32', 'raw'],
		]);
	});

	test('leaves every byte where it is', () => {
		for (const [cache, weights] of [[HALF, 'f16'] as const, [BRAIN, 'bf16'] as const]) {
			const [shard] = view(cache, weights).records;
			expect(shard?.dataPath).toBe('at/params_shard_0.bin');
			const places = ({ records = [] }: Partial<TensorCache['records'][number]> = {}) =>
				records.map(({ byteOffset, nbytes }) => [byteOffset, nbytes]);
			expect(places(shard)).toEqual(places(cache.records[0]));
		}
	});

	test('adds LoRA records of the rank that share one shard of zeros, in place of the folder’s own', () => {
		const own = shardOf(['m.weight', [3, 4], 'float16'], ['x.lora_A', [1, 4], 'float32']);
		const wide = libraryView(own, 'f16', { config: SMALL_MODEL, rank: 4, addressOf: (path) => path });
		const { records } = wide.tensorCache as {
			records: { nbytes: number; records: { name: string; shape: number[] }[] }[];
		};
		const lora = records.at(-1);
		expect(records).toHaveLength(2);
		expect(lora?.records).toHaveLength(2 * 4 * SMALL_MODEL.layers);
		expect(lora?.records[0]).toMatchObject({
			...{ name: 'model.layers.0.self_attn.qkv_proj.lora_A', shape: [12, 12] },
			byteOffset: 0,
		});
		expect(wide.zeros).toEqual({ path: 'params_shard_lora_zeros.bin', bytes: lora?.nbytes });
		const names = records.flatMap((shard) => shard.records.map(({ name }) => name));
		expect(names).not.toContain('x.lora_A');
		expect(libraryView(own, 'f16', { config: SMALL_MODEL, rank: 0, addressOf: String }).zeros).toBeNull();
	});
});
