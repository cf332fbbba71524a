import { describe, expect, test } from 'vitest';
import { numbersOf } from '#core/checkpoint/pieces.ts';
import { safetensorsTensors } from '#core/checkpoint/safetensors/tensors.ts';
import { bytesOf, memorySource, writeTypedSafetensors } from '#tests/support/checkpointFiles.ts';

const file = (names: readonly string[], dtype = 'BF16'): Uint8Array<ArrayBuffer> =>
	writeTypedSafetensors(
		names.map((name, i) => ({ name, dtype, shape: [2], bytes: bytesOf(new Uint16Array([0x3f80, i])) })),
	);
const A = (): ReturnType<typeof memorySource> => memorySource(file(['a', 'b']), 'a.safetensors');
const B = (): ReturnType<typeof memorySource> => memorySource(file(['c']), 'b.safetensors');
const index = (map: Record<string, string>): object => ({ metadata: { total_size: 1 }, weight_map: map });
const MAP = { a: 'a.safetensors', b: 'a.safetensors', c: 'b.safetensors' };

test('reads the headers of all files, and numbers on demand', async () => {
	const sources = [A(), B()];
	const tensors = await safetensorsTensors(sources, index(MAP));
	expect([...tensors.keys()]).toEqual(['a', 'b', 'c']);
	const length = sources[1]!.size - 4;
	expect(sources[1]!.reads).toEqual([
		[0, 32],
		[8, length],
	]);
	const pieces = [];
	for await (const { at, data } of numbersOf(tensors.get('c')!)) pieces.push({ at, data: data.slice() });
	expect(pieces).toEqual([{ at: 0, data: new Float32Array([1, 0]) }]);
	expect(sources[1]!.reads[2]).toEqual([length, length + 4]);
});

describe('refuses', () => {
	test.each<[name: string, map: object, message: RegExp]>([
		[
			'swapped shards',
			{ a: 'b.safetensors', b: 'a.safetensors', c: 'b.safetensors' },
			/places “a” in b.safetensors/,
		],
		['a missing file', { ...MAP, d: 'c.safetensors' }, /names the file c.safetensors, which is missing/],
		[
			'a missing tensor',
			{ ...MAP, d: 'b.safetensors' },
			/places “d” in b.safetensors, which does not hold it/,
		],
		[
			'an extra tensor',
			{ a: 'a.safetensors', c: 'b.safetensors' },
			/does not name “b”, which is in a.safetensors/,
		],
	])('%s', async (_name, map, message) => {
		await expect(safetensorsTensors([A(), B()], index(map as Record<string, string>))).rejects.toMatchObject({
			code: 'checkpoint-index',
			message: expect.stringMatching(message) as string,
		});
	});

	test('an index of another form', async () => {
		await expect(safetensorsTensors([A()], { weight_map: [1] })).rejects.toMatchObject({
			code: 'checkpoint-index',
		});
	});

	test('a tensor in two files', async () => {
		await expect(safetensorsTensors([A(), { ...A(), name: 'copy.safetensors' }], undefined)).rejects.toThrow(
			'The tensor “a” is in a.safetensors and in copy.safetensors.',
		);
	});

	test.each(['F64', 'I32', 'F8_E4M3', 'constructor'])('numbers of type %s by name', async (dtype) => {
		await expect(
			safetensorsTensors([memorySource(file(['a'], dtype), 'x')], undefined),
		).rejects.toMatchObject({
			code: 'safetensors-dtype',
			message: `x: "a" is of type ${dtype}; F32, F16, BF16 can be read.`,
		});
	});

	test('a file that is cut off, and a pickle', async () => {
		const cut = A();
		const short = { ...cut, size: cut.size - 3 };
		await expect(safetensorsTensors([short], undefined)).rejects.toThrow(/the file is cut off/);
		const pickle = memorySource(
			new Uint8Array([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9]),
			'pytorch_model.bin',
		);
		await expect(safetensorsTensors([pickle], undefined)).rejects.toMatchObject({
			code: 'safetensors-foreign',
		});
	});

	test('a source that returns fewer bytes than it announced', async () => {
		const source = { ...A(), read: () => Promise.resolve(new Uint8Array(3)) };
		await expect(safetensorsTensors([source], undefined)).rejects.toMatchObject({
			code: 'checkpoint-truncated',
		});
	});
});
