/** MLC's quantised records, joined to matrices. */
import { expect, test } from 'vitest';
import { roundToHalf, widenHalf } from '#core/format/float16.ts';
import { asFloats } from '#core/format/numberFormat.ts';
import { at } from '#core/math/at.ts';
import { joinQuantised } from '#tests/support/modelTensors.ts';
import { decodeRecord, type WeightTensor } from '#runtime/models/tensors.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { quantiseMlc } from '#tests/support/quantise.ts';
import { normals } from '#tests/support/tensors.ts';

const [N, K] = [3, 96];
const VALUES = Float32Array.from(normals(N * K, 1));

function records(scaleFormat: 'f32' | 'f16'): Map<string, WeightTensor> {
	const { words, scales } = quantiseMlc(VALUES, scaleFormat);
	return new Map<string, WeightTensor>([
		['a.q_weight', { shape: [N, K / 8], data: words }],
		['norm.weight', { shape: [1], data: Float32Array.of(1) }],
		['a.q_scale', { shape: [N, K / 32], data: scales }],
	]);
}

test.each([
	['q4f32_1', 'f32'],
	['q4f16_1', 'f16'],
] as const)('%s: one tensor per matrix, (n − 7) · scale', (quantization, scaleFormat) => {
	const { words, scales } = quantiseMlc(VALUES, scaleFormat);
	const floats = scales instanceof Float32Array ? scales : widenHalf(scales);
	const joined = joinQuantised(records(scaleFormat), { quantization });
	expect([...joined.keys()]).toEqual(['norm.weight', 'a.weight']);
	const matrix = joined.get('a.weight');
	expect(matrix).toMatchObject({ shape: [N, K], format: 'q4' });
	const wanted = VALUES.map((_, i) => {
		const n = (at(words, Math.floor(i / 8)) >>> (4 * (i % 8))) & 15;
		return (n - 7) * at(floats, Math.floor(i / 32));
	});
	expectAllclose(asFloats(matrix ?? { data: new Float32Array() }), wanted, { atol: 0, rtol: 0 });
	// A scale rounds every number to a step of a seventh of its group's largest.
	expectAllclose(wanted, VALUES, { atol: 0.26, rtol: 0 });
});

test('scales stored as bfloat16 are widened', () => {
	const tensors = records('f32');
	const { scales } = quantiseMlc(VALUES);
	const bits = new Uint32Array(scales.buffer);
	tensors.set('a.q_scale', {
		shape: [N, K / 32],
		data: Uint16Array.from(bits, (word) => word >>> 16),
		format: 'bf16',
	});
	const { data } = joinQuantised(tensors, { quantization: 'q4f32_1' }).get('a.weight') ?? {};
	expect(data?.[4]).toBe((at(bits, 0) & 0xffff0000) >>> 0);
});

test('other forms, absent scales and shapes that do not fit are named', () => {
	const one = { quantization: 'q4f16_1' };
	const refused = (tensors: Map<string, WeightTensor>, config: unknown = one): unknown => {
		try {
			return joinQuantised(tensors, config);
		} catch (error) {
			return error;
		}
	};
	const context = { name: 'a.q_weight' };
	expect(refused(records('f16'), { quantization: 'q3f16_1' })).toMatchObject({
		code: 'tensor-unsupported',
		context,
	});
	expect(refused(records('f16'), null)).toMatchObject({ code: 'tensor-unsupported', context });
	const lone = records('f16');
	lone.delete('a.q_scale');
	expect(refused(lone)).toMatchObject({ code: 'weight-missing', context });
	const short = records('f16');
	short.set('a.q_scale', { shape: [N, 2], data: roundToHalf(new Float32Array(N * 2)) });
	expect(refused(short)).toMatchObject({ code: 'weight-shape', context });
});

test('a record of packed integers keeps its words', () => {
	const { words } = quantiseMlc(VALUES);
	const shard = new Uint8Array(words.byteLength + 4);
	shard.set(new Uint8Array(words.buffer), 4);
	const record = { name: 'a.q_weight', shape: [N, K / 8], dtype: 'uint32', format: 'raw' };
	const place = { byteOffset: 4, nbytes: words.byteLength };
	expect(decodeRecord({ ...record, ...place }, shard, 'shard').data).toEqual(words);
});
