/**
 * Embedding rows by token id: x[t] = table[ids[t]].
 *
 * Grid: one thread per four channels; x runs over the quads of a row, y over tokens; one dispatch per part of the
 * table. Traffic: C floats read and written per token. tfjs's gather would also work, but this kernel allocates no
 * uniform buffer per call and reads any kind of weight.
 *
 * @reference embedding.reference.ts · tests/gpu/embedding.test.ts
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis, defineOp, expectMultipleOf4, output2D } from '../../op.ts';
import { recorder, type Grid } from '../../gpu/record.ts';
import { tableParts, tableShape, wholeTable, type Table } from '../../table.ts';
import { weightShape, weightType } from '../../weight.ts';
import { weightQuad, type WeightType } from '../../gpu/weightReads.ts';
import { memoized, program } from '../../gpu/wgsl.ts';
import { embeddingStock } from './embedding.stock.ts';

const WORKGROUP = 32;

/** A part of a split table writes only the tokens whose rows it has. */
const gatherProgram = memoized((type: WeightType, split: boolean) => {
	const row = split ? 'row' : 'u32(ids[id.y])';
	const find = 'let row = u32(ids[id.y]) - u.first; if (row >= u.rows) { return; }';
	return program('embedding', {
		bindings: [
			['table', 'read', type],
			['ids', 'read', 'i32'],
			['x', 'write', 'vec4f'],
		],
		uniforms: [
			['quads', 'u32'],
			...(split
				? ([
						['first', 'u32'],
						['rows', 'u32'],
					] as const)
				: []),
		],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	if (id.x >= u.quads) { return; }${split ? `\n\t${find}` : ''}
	x[id.y * u.quads + id.x] = ${weightQuad('table', type)(`${row} * u.quads + id.x`)};
}`,
	});
});

export function planEmbedding(tokens: number, channels: number): Grid {
	return [Math.ceil(channels / 4 / WORKGROUP), tokens];
}

const op = defineOp<{ ids: Tensor1D }, { table: Table }>('AnchorageEmbedding', {
	webgpu: ({ ids }, { table }) => [record(table, ids)],
	stock: ({ ids }, { table }) => [embeddingStock(wholeTable(table).data, ids)],
});

function record(table: Table, ids: Tensor1D): TensorInfo {
	const gpu = recorder();
	const [T, C] = [axis(ids, 0), tableShape(table)[1]];
	const x = gpu.allocate([T, C]);
	for (const { weight, first, split } of tableParts(table)) {
		gpu.record(
			gatherProgram(weightType(weight), split),
			[weight.data, ids, x],
			split ? [C / 4, first, weightShape(weight)[0]] : [C / 4],
			planEmbedding(T, C),
		);
	}
	return x;
}

/**
 * @param table [V, C], C a multiple of 4
 * @param ids   int32 [T] in [0, V)
 * @returns     [T, C]
 */
export function embedding(table: Table, ids: Tensor1D): Tensor2D {
	expectMultipleOf4('embedding', { C: tableShape(table)[1] });
	return output2D(op({ ids }, { table }), 0);
}
