import { expect, test } from 'vitest';
import { FormatError } from '#core/errors.ts';
import { fuseWeights, type HostTensor } from '#model/fuse.ts';

const matrix = (rows: number, columns: number, from: number): HostTensor => ({
	shape: [rows, columns],
	data: Float32Array.from({ length: rows * columns }, (_, i) => from + i),
});

test('q, k, v and gate, up are stacked by rows in that order, whatever order the file has', () => {
	const fused = fuseWeights(
		new Map([
			['model.layers.0.self_attn.v_proj.weight', matrix(1, 2, 20)],
			['model.layers.0.self_attn.q_proj.weight', matrix(2, 2, 0)],
			['model.layers.0.self_attn.k_proj.weight', matrix(1, 2, 10)],
			['model.layers.0.mlp.up_proj.weight', matrix(1, 2, 40)],
			['model.layers.0.mlp.gate_proj.weight', matrix(1, 2, 30)],
			['model.norm.weight', { shape: [2], data: Float32Array.of(1, 1) }],
		]),
	);
	const qkv = fused.get('layers.0.self_attn.qkv_proj.weight')!;
	expect(qkv.shape).toEqual([4, 2]);
	expect([...qkv.data]).toEqual([0, 1, 2, 3, 10, 11, 20, 21]);
	expect([...fused.get('layers.0.mlp.gate_up_proj.weight')!.data]).toEqual([30, 31, 40, 41]);
	expect([...fused.keys()].toSorted()).toEqual([
		'layers.0.mlp.gate_up_proj.weight',
		'layers.0.self_attn.qkv_proj.weight',
		'norm.weight',
	]);
});

test('biases are stacked too', () => {
	const bias = (value: number): HostTensor => ({ shape: [1], data: Float32Array.of(value) });
	const names = ['q', 'k', 'v'].map((part, i): [string, HostTensor] => [
		`layers.3.self_attn.${part}_proj.bias`,
		bias(i),
	]);
	expect([...fuseWeights(new Map(names)).get('layers.3.self_attn.qkv_proj.bias')!.data]).toEqual([0, 1, 2]);
});

test('what is fused already passes; MLC’s c_attn is qkv_proj', () => {
	const fused = fuseWeights(new Map([['model.layers.1.self_attn.c_attn.weight', matrix(4, 2, 0)]]));
	expect([...fused.keys()]).toEqual(['layers.1.self_attn.qkv_proj.weight']);
});

test('a missing part is named', () => {
	const half = new Map([['layers.0.mlp.gate_proj.weight', matrix(1, 2, 0)]]);
	expect(() => fuseWeights(half)).toThrow(FormatError);
	expect(() => fuseWeights(half)).toThrow('layers.0.mlp.up_proj.weight');
});

test('parts with other columns are named', () => {
	const parts = new Map([
		['layers.0.mlp.gate_proj.weight', matrix(1, 2, 0)],
		['layers.0.mlp.up_proj.weight', matrix(1, 3, 0)],
	]);
	expect(() => fuseWeights(parts)).toThrow(/gate_proj\.weight.*\[1, 2\], \[1, 3\]/);
});
