/**
 * Embedding rows by token id: x[t] = table[ids[t]].
 *
 * Grid: one thread per four channels; x runs over the quads of a row, y over tokens. Traffic: C floats read
 * and written per token. tfjs's gather would also work, but this kernel allocates no uniform buffer per call
 * and reads any kind of weight.
 *
 * @reference embedding.reference.ts · tests/gpu/embedding.test.ts
 */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { axis, defineOp, expectMultipleOf4, output2D } from '../../op.ts';
import { recorder, type Grid } from '../../gpu/record.ts';
import { weightShape, weightType, type Weight } from '../../weight.ts';
import { weightQuad, type WeightType } from '../../gpu/weightReads.ts';
import { memoized, program } from '../../gpu/wgsl.ts';
import { embeddingStock } from './embedding.stock.ts';

const WORKGROUP = 32;

const gatherProgram = memoized((type: WeightType) =>
	program('embedding', {
		bindings: [
			['table', 'read', type],
			['ids', 'read', 'i32'],
			['x', 'write', 'vec4f'],
		],
		uniforms: [['quads', 'u32']],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	if (id.x >= u.quads) { return; }
	x[id.y * u.quads + id.x] = ${weightQuad('table', type)('u32(ids[id.y]) * u.quads + id.x')};
}`,
	}),
);

export function planEmbedding(tokens: number, channels: number): Grid {
	return [Math.ceil(channels / 4 / WORKGROUP), tokens];
}

const op = defineOp<{ table: Tensor2D; ids: Tensor1D }, { weight: Weight }>('AnchorageEmbedding', {
	webgpu: ({ table, ids }, { weight }) => {
		const gpu = recorder();
		const [T, C] = [axis(ids, 0), weightShape(weight)[1]];
		const x = gpu.allocate([T, C]);
		gpu.record(gatherProgram(weightType(weight)), [table, ids, x], [C / 4], planEmbedding(T, C));
		return [x];
	},
	stock: ({ table, ids }) => [embeddingStock(table, ids)],
});

/**
 * @param table [V, C], C a multiple of 4
 * @param ids   int32 [T] in [0, V)
 * @returns     [T, C]
 */
export function embedding(table: Weight, ids: Tensor1D): Tensor2D {
	expectMultipleOf4('embedding', { C: weightShape(table)[1] });
	return output2D(op({ table: table.data, ids }, { weight: table }), 0);
}
