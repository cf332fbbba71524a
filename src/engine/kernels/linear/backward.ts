/**
 * Backward programs of the linear layer.
 *
 * `linearDx`: dx = dy·W + dxa·A, tiles as in forward.ts, form NN. `loraUp`: dxa = s·dy_b·B_b per block, form
 * NN: see tall.ts. The gradients of A and B are in loraGrad.ts.
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { weightShape, weightType, type Weight } from '../../weight.ts';
import { weightQuad, type WeightType } from '../../gpu/weightReads.ts';
import { memoized, program, type Binding, type Program } from '../../gpu/wgsl.ts';
import { inBlock, LORA_UNIFORMS, loraValues } from './blocks.ts';
import { planTiles, tileMain, tileOf } from './forward.ts';
import { loraWidth, rankQuads, type LoraSlot } from './lora.ts';
import { recordLoraGrads } from './loraGrad.ts';
import { recordSharedDx } from './shared.ts';
import { planTall, tallMain, tallTile } from './tall.ts';
import { tileEnd, tileNN, tileStart } from './tile.ts';

const dxProgram = memoized((lora: boolean, lanes: boolean, w: WeightType): Program => {
	const tile = tileOf(lanes);
	const loraPart = tileNN(
		tile,
		{ name: 'dxa', base: 'm0 * u.xaQuads', stride: 'u.xaQuads' },
		{ name: 'params', base: 'u.aOffset + n0', stride: 'u.k' },
		'u.xaQuads',
	);
	const adapter: Binding[] = lora
		? [
				['dxa', 'read', 'vec4f'],
				['params', 'read', 'vec4f'],
			]
		: [];
	return program('linearDx', {
		lanes,
		bindings: [['dy', 'read', 'vec4f'], ['w', 'read', w], ...adapter, ['dx', 'write', 'vec4f']],
		uniforms: [
			['rows', 'u32'],
			['k', 'u32'],
			['n', 'u32'],
			['aOffset', 'u32'],
			['xaQuads', 'u32'],
		],
		body: tileMain(
			tile,
			/* wgsl */ `
	${tileStart(tile)}
	${lora ? loraPart : ''}
	${tileNN(
		tile,
		{ name: 'dy', base: 'm0 * u.n', stride: 'u.n' },
		{ name: 'w', base: 'n0', stride: 'u.k', quad: weightQuad('w', w) },
		'u.n',
	)}
	${tileEnd(tile, 'u.k', (row, column, value) => `dx[${row} * u.k + ${column}] = ${value};`)}`,
		),
	});
});

const upProgram = memoized((quads: number, lanes: boolean): Program => {
	const tile = tallTile(quads, lanes);
	const inside = (i: number): string =>
		`dyAt += u.start${i}; bAt += u.b${i} * u.rankQuads + n0 - u.a${i}; depth = u.end${i} - u.start${i};`;
	const store = (row: string, column: string, value: string): string =>
		`dxa[${row} * u.xaQuads + ${column}] = u.scaling * ${value};`;
	return program('loraUp', {
		lanes,
		bindings: [
			['dy', 'read', 'vec4f'],
			['params', 'read', 'vec4f'],
			['dxa', 'write', 'vec4f'],
		],
		uniforms: [['rows', 'u32'], ['n', 'u32'], ['scaling', 'f32'], ...LORA_UNIFORMS],
		body: tallMain(tile, {
			sum: /* wgsl */ `
	var dyAt = m0 * u.n;
	var bAt = u.bOffset;
	var depth = 0u;
	${inBlock((i) => `n0 >= u.a${i} && n0 < u.a${i} + u.rankQuads && u.end${i} > 0u`, inside)}
	${tileNN(
		tile,
		{ name: 'dy', base: 'dyAt', stride: 'u.n' },
		{ name: 'params', base: 'bAt', stride: 'u.rankQuads' },
		'depth',
	)}`,
			columns: 'u.xaQuads',
			store,
		}),
	});
});

interface GradOptions {
	lora: LoraSlot | null;
	xa: Tensor2D | undefined;
	grads: Tensor1D | undefined;
	needDx: boolean;
}

/** @returns dx if needed */
export function recordLinearGrad(
	dy: Tensor2D,
	x: Tensor2D,
	weight: Weight,
	{ lora, xa, grads, needDx }: GradOptions,
): TensorInfo[] {
	const gpu = recorder();
	const dxa = lora === null ? null : recordUp(dy, lora);
	if (lora !== null && dxa !== null && xa !== undefined && grads !== undefined) {
		recordLoraGrads({ dy, x, xa, dxa, grads }, lora);
	}
	const outputs = needDx ? [recordDx(dy, weight, lora, dxa)] : [];
	if (dxa !== null) gpu.free(dxa);
	return outputs;
}

function recordDx(dy: Tensor2D, weight: Weight, lora: LoraSlot | null, dxa: TensorInfo | null): TensorInfo {
	const gpu = recorder();
	const [N, K] = weightShape(weight);
	const T = axis(dy, 0);
	const dx = gpu.allocate([T, K]);
	const edge = gpu.variants.edgeOf('linearDx', T, K, N);
	if (edge !== null) {
		recordSharedDx(edge, { dy, dx, dxa }, weight, lora);
		return dx;
	}
	const adapter = lora === null || dxa === null ? [] : [dxa, lora.params];
	gpu.record(
		dxProgram(lora !== null, gpu.lanes4, weightType(weight)),
		[dy, weight.data, ...adapter, dx],
		[T, K / 4, N / 4, (lora?.aOffset ?? 0) / 4, (lora === null ? 0 : loraWidth(lora)) / 4],
		planTiles(T, K / 4, tileOf(gpu.lanes4)),
	);
	return dx;
}

function recordUp(dy: Tensor2D, lora: LoraSlot): TensorInfo {
	const gpu = recorder();
	const [T, N] = dy.shape;
	const R = loraWidth(lora);
	const tile = tallTile(rankQuads(lora.rank), gpu.lanes4);
	const dxa = gpu.allocate([T, R]);
	gpu.record(
		upProgram(tile.quads, gpu.lanes4),
		[dy, lora.params, dxa],
		[T, N / 4, lora.scaling, ...loraValues(lora)],
		planTall(T, R / 4, tile),
	);
	return dxa;
}
