/**
 * A frozen weight with its adapter added: W' = W + s·B·A on the rows of each block, W elsewhere.
 *
 * Generation reads the same weights many times; after one merge, a projection is one product instead of
 * three. The caller owns the copy and frees it after the answers are generated; W itself is not changed.
 *
 * Grid: a thread owns 4 rows × 4 columns; x over quads of a row, y over quads of rows. Traffic: W read and
 * written once, A and B once per tile.
 *
 * @reference mergeLora.reference.ts (f64) · tests/gpu/mergeLora.test.ts
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { defineOp, expectMultipleOf4, output2D } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { f32Weight, weightShape, weightType, type Weight } from '../../weight.ts';
import { weightQuad, type WeightType } from '../../gpu/weightReads.ts';
import { memoized, program, unroll } from '../../gpu/wgsl.ts';
import { inBlock, LORA_UNIFORMS, loraValues } from '../linear/blocks.ts';
import { checkSlot, type LoraSlot } from '../linear/lora.ts';
import { mergeLoraStock } from './mergeLora.stock.ts';

const WORKGROUP = 32;

const mergeProgram = memoized((type: WeightType) => {
	// Row n of W matches row bAt + n of B; aAt is the block's first row of A.
	const inside = (i: number): string =>
		`bAt = u.bOffset + (4u * (n0 - u.start${i}) + u.b${i}) * u.rankQuads; aAt += 4u * u.a${i} * u.k; depth = u.rankQuads;`;
	const add = (n: number): string =>
		`let b${n} = params[bAt + ${n}u * u.rankQuads + r]; c${n} += b${n}.x * a0 + b${n}.y * a1 + b${n}.z * a2 + b${n}.w * a3;`;
	const wQuad = weightQuad('w', type);
	return program('mergeLora', {
		bindings: [
			['w', 'read', type],
			['params', 'read', 'vec4f'],
			['merged', 'write', 'vec4f'],
		],
		uniforms: [['k', 'u32'], ['aOffset', 'u32'], ['scaling', 'f32'], ...LORA_UNIFORMS],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	let k = id.x;
	let n0 = id.y;
	if (k >= u.k) { return; }
	${unroll(4, (n) => `var c${n} = vec4f();`)}
	var aAt = u.aOffset + k;
	var bAt = 0u;
	var depth = 0u;
	${inBlock((i) => `n0 >= u.start${i} && n0 < u.end${i}`, inside)}
	for (var r = 0u; r < depth; r++) {
		${unroll(4, (q) => `let a${q} = params[aAt + (4u * r + ${q}u) * u.k];`)}
		${unroll(4, add)}
	}
	${unroll(4, (n) => `{ let at = (4u * n0 + ${n}u) * u.k + k; merged[at] = ${wQuad('at')} + u.scaling * c${n}; }`)}
}`,
	});
});

const op = defineOp<{ w: Tensor2D; params: Tensor1D }, { weight: Weight; lora: LoraSlot }>(
	'AnchorageMergeLora',
	{
		webgpu: ({ params }, { weight, lora }) => [record(weight, params, lora)],
		stock: ({ w }, { lora }) => [mergeLoraStock(w, lora)],
	},
);

function record(weight: Weight, params: Tensor1D, lora: LoraSlot): TensorInfo {
	const gpu = recorder();
	const [N, K] = weightShape(weight);
	const merged = gpu.allocate([N, K]);
	gpu.record(
		mergeProgram(weightType(weight)),
		[weight.data, params, merged],
		[K / 4, lora.aOffset / 4, lora.scaling, ...loraValues(lora)],
		[Math.ceil(K / 4 / WORKGROUP), N / 4],
	);
	return merged;
}

/**
 * @param weight [N, K], multiples of 4
 * @returns      a weight of the same shape, always in f32; the caller frees it with disposeWeight()
 * @throws       ShapeError if the slot does not fit
 */
export function mergeLora(weight: Weight, lora: LoraSlot): Weight {
	const [N, K] = weightShape(weight);
	expectMultipleOf4('mergeLora', { K, N });
	checkSlot('mergeLora', lora, N);
	return f32Weight(output2D(op({ w: weight.data, params: lora.params }, { weight, lora }), 0));
}
