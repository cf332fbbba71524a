/**
 * The linear layer and its dx over workgroup-memory tiles (see sharedTile.ts), for real GPUs, whose workgroup
 * memory is much faster than storage. Operands, uniforms and results match the programs in forward.ts and
 * backward.ts.
 *
 * The adapter's short product comes first, over the same tile. A tile's columns may belong to several blocks
 * of a fused projection. The program loops over the blocks that the tile touches; columns outside a block
 * read zeros of its B.
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder, type Grid } from '../../gpu/record.ts';
import type { TileChoice } from '../../gpu/variants.ts';
import { weightShape, weightType, type Weight } from '../../weight.ts';
import { weightQuad, type WeightType } from '../../gpu/weightReads.ts';
import { memoized, program, type Binding, type Program } from '../../gpu/wgsl.ts';
import { inBlock, LORA_UNIFORMS, loraValues } from './blocks.ts';
import { loraWidth, type LoraSlot } from './lora.ts';
import {
	sharedEnd,
	sharedMain,
	sharedStart,
	sharedSum,
	sharedTile,
	type Edge,
	type SharedProduct,
	type SharedTile,
} from './sharedTile.ts';

/** Workgroups for a result of rows × columns quads. */
export function planShared(rows: number, quads: number, edge: Edge): Grid {
	return [Math.ceil((4 * quads) / edge), Math.ceil(rows / edge)];
}

/** Declares firstBlock and blockCount; the blocks that a tile touches are consecutive. */
function touchedBlocks(edge: Edge): string {
	const touches = (i: number): string => `u.end${i} > nTile && u.start${i} < nTile + ${edge / 4}u`;
	return /* wgsl */ `
	var firstBlock = 0u;
	var blockCount = 0u;
	${inBlock(touches, (i) => `if (blockCount == 0u) { firstBlock = ${i}u; } blockCount += 1u;`)}`;
}

/** Factor for B in f16, and divisor for xa: early in training, numbers of B are too small for f16. */
const HALF_SCALE = 1024;

/** xa·Bᵀ, block by block; each block adds only to its own columns. */
const loraProductOf = ({ half }: SharedTile): SharedProduct => ({
	a: {
		quad: (at) => (half ? `(xa[${at}] / ${HALF_SCALE}.0)` : `xa[${at}]`),
		base: 'mTile * u.xaQuads + aAt',
		stride: 'u.xaQuads',
		along: 'k',
	},
	b: {
		quad: (at) => (half ? `(params[${at}] * ${HALF_SCALE}.0)` : `params[${at}]`),
		// Row 4·(nTile − first) of the block may be before its start; such rows are not `inside` and are not
		// read.
		base: 'u.bOffset + (4u * (nTile - first) + bRow) * u.rankQuads',
		stride: 'u.rankQuads',
		along: 'k',
		inside: 'nTile + place >= first && nTile + place < end',
	},
	depth: 'u.rankQuads',
	parts: {
		count: 'blockCount',
		prepare: /* wgsl */ `
			var first = 0u; var end = 0u; var aAt = 0u; var bRow = 0u;
			${inBlock(
				(i) => `firstBlock + index == ${i}u`,
				(i) => `first = u.start${i}; end = u.end${i}; aAt = u.a${i}; bRow = u.b${i};`,
			)}`,
	},
});

const forwardProgram = memoized(
	(edge: Edge, half: boolean, bias: boolean, residual: boolean, lora: boolean, w: WeightType): Program => {
		const tile = sharedTile(edge, { half });
		const optional: Binding[] = [];
		if (bias) optional.push(['bias', 'read', 'vec4f']);
		if (residual) optional.push(['residual', 'read', 'vec4f']);
		if (lora) optional.push(['xa', 'read', 'vec4f'], ['params', 'read', 'vec4f']);
		const store = (m: string, n: string, value: string): string => {
			const to = `${m} * u.n + ${n}`;
			const added = (bias ? ` + bias[${n}]` : '') + (residual ? ` + residual[${to}]` : '');
			return `y[${to}] = ${value}${added};`;
		};
		const product: SharedProduct = {
			a: { quad: (at) => `x[${at}]`, base: 'mTile * u.k', stride: 'u.k', along: 'k' },
			b: { quad: weightQuad('w', w), base: '4u * nTile * u.k', stride: 'u.k', along: 'k' },
			depth: 'u.k',
		};
		return program(`linearShared${edge}`, {
			bindings: [['x', 'read', 'vec4f'], ['w', 'read', w], ...optional, ['y', 'write', 'vec4f']],
			uniforms: [['rows', 'u32'], ['k', 'u32'], ['n', 'u32'], ...(lora ? LORA_UNIFORMS : [])],
			halves: half,
			body: sharedMain(
				tile,
				/* wgsl */ `
	${sharedStart(tile)}
	${lora ? touchedBlocks(edge) : ''}
	${sharedSum(tile, lora ? [loraProductOf(tile), product] : [product])}
	${sharedEnd(tile, 'u.n', store)}`,
			),
		});
	},
);

const dxProgram = memoized((edge: Edge, lora: boolean, w: WeightType): Program => {
	const tile = sharedTile(edge);
	const adapter: Binding[] = lora
		? [
				['dxa', 'read', 'vec4f'],
				['params', 'read', 'vec4f'],
			]
		: [];
	const loraProduct: SharedProduct = {
		a: { quad: (at) => `dxa[${at}]`, base: 'mTile * u.xaQuads', stride: 'u.xaQuads', along: 'k' },
		b: { quad: (at) => `params[${at}]`, base: 'u.aOffset + nTile', stride: 'u.k', along: 'columns' },
		depth: 'u.xaQuads',
	};
	const product: SharedProduct = {
		a: { quad: (at) => `dy[${at}]`, base: 'mTile * u.n', stride: 'u.n', along: 'k' },
		b: { quad: weightQuad('w', w), base: 'nTile', stride: 'u.k', along: 'columns' },
		depth: 'u.n',
	};
	return program(`linearDxShared${edge}`, {
		bindings: [['dy', 'read', 'vec4f'], ['w', 'read', w], ...adapter, ['dx', 'write', 'vec4f']],
		uniforms: [
			['rows', 'u32'],
			['k', 'u32'],
			['n', 'u32'],
			['aOffset', 'u32'],
			['xaQuads', 'u32'],
		],
		body: sharedMain(
			tile,
			/* wgsl */ `
	${sharedStart(tile)}
	${sharedSum(tile, lora ? [loraProduct, product] : [product])}
	${sharedEnd(tile, 'u.k', (m, n, value) => `dx[${m} * u.k + ${n}] = ${value};`)}`,
		),
	});
});

/** Records y = x·Wᵀ (+ xa·Bᵀ, bias, residual) into `y`. */
export function recordSharedLinear(
	{ edge, half }: TileChoice,
	tensors: { x: Tensor2D; y: TensorInfo; xa: TensorInfo | null },
	weight: Weight,
	options: { bias: Tensor1D | undefined; residual: Tensor2D | undefined; lora: LoraSlot | null },
): void {
	const { x, y, xa } = tensors;
	const { bias, residual, lora } = options;
	const [N, K] = weightShape(weight);
	const T = axis(x, 0);
	const inputs: TensorInfo[] = [x, weight.data];
	if (bias !== undefined) inputs.push(bias);
	if (residual !== undefined) inputs.push(residual);
	if (lora !== null && xa !== null) inputs.push(xa, lora.params);
	recorder().record(
		forwardProgram(edge, half, bias !== undefined, residual !== undefined, lora !== null, weightType(weight)),
		[...inputs, y],
		[T, K / 4, N / 4, ...(lora === null ? [] : loraValues(lora))],
		planShared(T, N / 4, edge),
	);
}

/** Records dx = dy·W (+ dxa·A) into `dx`. */
export function recordSharedDx(
	edge: Edge,
	tensors: { dy: Tensor2D; dx: TensorInfo; dxa: TensorInfo | null },
	weight: Weight,
	lora: LoraSlot | null,
): void {
	const { dy, dx, dxa } = tensors;
	const [N, K] = weightShape(weight);
	const T = axis(dy, 0);
	const adapter = lora === null || dxa === null ? [] : [dxa, lora.params];
	recorder().record(
		dxProgram(edge, lora !== null, weightType(weight)),
		[dy, weight.data, ...adapter, dx],
		[T, K / 4, N / 4, (lora?.aOffset ?? 0) / 4, (lora === null ? 0 : loraWidth(lora)) / 4],
		planShared(T, K / 4, edge),
	);
}
