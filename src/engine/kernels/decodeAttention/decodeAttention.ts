/**
 * Attention with a KV cache, for generation: one new row a sequence, many sequences at once.
 *
 *   k, v of row b go to slot positions[b] of sequence sequences[b];  o[b,h] = softmax_j(q·k_j/√D)·v_j over j = 0..positions[b]
 *
 * Dispatches: rotation of q and k (rope.ts), the copy into the cache, the attention. Grid of the attention: one thread a row and
 * head, online softmax. Traffic: 2·D floats a key, row and head.
 *
 * @reference decodeAttention.reference.ts (f64) · tests/gpu/decodeAttention.test.ts
 */
import { keep, zeros, type Tensor1D, type Tensor2D, type TensorInfo } from '@tensorflow/tfjs-core';
import { axis, defineOp, expectShape, output2D } from '../../op.ts';
import { recorder } from '../../record.ts';
import { memoized, program, unroll } from '../../wgsl.ts';
import { checkAttention, widthOf, type AttentionConfig } from '../attention/attention.ts';
import { recordRotation } from '../attention/rotation.ts';
import type { KvCache } from './cache.ts';
import { decodeAttentionStock, writeCacheStock } from './decodeAttention.stock.ts';

export type { KvCache } from './cache.ts';

const WORKGROUP = 64;

const writeProgram = memoized(() =>
	program('writeCache', {
		bindings: [
			['rotated', 'read', 'vec4f'],
			['positions', 'read', 'i32'],
			['sequences', 'read', 'i32'],
			['k', 'write', 'vec4f'],
			['v', 'write', 'vec4f'],
		],
		uniforms: [
			['quads', 'u32'],
			['width', 'u32'],
			['kAt', 'u32'],
			['capacity', 'u32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	let sequence = sequences[id.y];
	if (id.x >= u.quads || sequence < 0) { return; }
	let slot = (u32(sequence) * u.capacity + u32(positions[id.y])) * u.quads + id.x;
	let source = id.y * u.width + u.kAt + id.x;
	k[slot] = rotated[source];
	v[slot] = rotated[source + u.quads];
}`,
	}),
);

const attendProgram = memoized((headQuads: number) =>
	program('decodeAttention', {
		bindings: [
			['rotated', 'read', 'vec4f'],
			['k', 'read', 'vec4f'],
			['v', 'read', 'vec4f'],
			['positions', 'read', 'i32'],
			['sequences', 'read', 'i32'],
			['o', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['heads', 'u32'],
			['kvHeads', 'u32'],
			['width', 'u32'],
			['capacity', 'u32'],
			['scale', 'f32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	let row = id.x / u.heads;
	let head = id.x % u.heads;
	if (row >= u.rows) { return; }
	let sequence = sequences[row];
	if (sequence < 0) { return; }
	let q = row * u.width + head * ${headQuads}u;
	let stride = u.kvHeads * ${headQuads}u;
	let first = u32(sequence) * u.capacity * stride + head * u.kvHeads / u.heads * ${headQuads}u;
	${unroll(headQuads, (c) => `let q${c} = rotated[q + ${c}u] * u.scale; var o${c} = vec4f();`)}
	var largest = -3.0e38;
	var total = 0.0;
	let keys = u32(positions[row]) + 1u;
	for (var j = 0u; j < keys; j++) {
		let key = first + j * stride;
		let s = ${unroll(headQuads, (c) => `dot(q${c}, k[key + ${c}u])`, ' + ')};
		let next = max(largest, s);
		let shrink = exp(largest - next);
		let p = exp(s - next);
		total = total * shrink + p;
		largest = next;
		${unroll(headQuads, (c) => `o${c} = o${c} * shrink + p * v[key + ${c}u];`)}
	}
	let to = id.x * ${headQuads}u;
	${unroll(headQuads, (c) => `o[to + ${c}u] = o${c} / total;`)}
}`,
	}),
);

type DecodeInputs = Record<'positions' | 'sequences', Tensor1D> & Record<'k' | 'v' | 'rope', Tensor2D>;
interface DecodeAttrs {
	capacity: number;
	config: AttentionConfig;
}

function recordWrite(rotated: TensorInfo, inputs: DecodeInputs, { capacity, config }: DecodeAttrs): void {
	const quads = (config.kvHeads * config.headSize) / 4;
	const uniforms = [quads, widthOf(config) / 4, (config.heads * config.headSize) / 4, capacity];
	recorder().record(
		writeProgram(),
		[rotated, inputs.positions, inputs.sequences, inputs.k, inputs.v],
		uniforms,
		[Math.ceil(quads / WORKGROUP), axis(rotated, 0)],
	);
}

const writeOp = defineOp<DecodeInputs & { rotated: Tensor2D }, DecodeAttrs>('AnchorageWriteCache', {
	webgpu: (inputs, attrs) => {
		recordWrite(inputs.rotated, inputs, attrs);
		return [];
	},
	stock: ({ rotated, positions, sequences, k, v }, { capacity, config }) => {
		writeCacheStock(rotated, positions, sequences, { k, v, capacity }, config);
		return [];
	},
});

const decodeOp = defineOp<DecodeInputs & { qkv: Tensor2D }, DecodeAttrs>('AnchorageDecodeAttention', {
	webgpu: (inputs, attrs) => {
		const gpu = recorder();
		const { config, capacity } = attrs;
		const { heads, kvHeads, headSize } = config;
		const { positions, sequences, k, v } = inputs;
		const B = axis(inputs.qkv, 0);
		const rotated = recordRotation(inputs.qkv, positions, config);
		recordWrite(rotated, inputs, attrs);
		const o = gpu.allocate([B, heads * headSize]);
		const uniforms = [B, heads, kvHeads, widthOf(config) / 4, capacity, 1 / Math.sqrt(headSize)];
		gpu.record(attendProgram(headSize / 4), [rotated, k, v, positions, sequences, o], uniforms, [
			Math.ceil((B * heads) / WORKGROUP),
		]);
		gpu.free(rotated);
		return [o];
	},
	stock: ({ qkv, positions, sequences, k, v }, { capacity, config }) => [
		decodeAttentionStock(qkv, positions, sequences, { k, v, capacity }, config),
	],
});

/** An empty cache; free it with {@link disposeKvCache}. */
export function createKvCache(sequences: number, capacity: number, config: AttentionConfig): KvCache {
	const shape: [number, number] = [sequences * capacity, config.kvHeads * config.headSize];
	return { k: keep(zeros(shape)), v: keep(zeros(shape)), capacity };
}

export function disposeKvCache({ k, v }: KvCache): void {
	k.dispose();
	v.dispose();
}

/**
 * Copies k and v of a prompt's rows into the cache: after attention() over packed prompts, before decoding.
 *
 * @param rotated   [T, (H + 2·Hkv)·D], as attention() returns it
 * @param positions int32 [T], slot of each row
 * @param sequences int32 [T], sequence of each row; −1 for rows to leave out (padding)
 */
export function writeCache(
	rotated: Tensor2D,
	positions: Tensor1D,
	sequences: Tensor1D,
	cache: KvCache,
	config: AttentionConfig,
): void {
	checkAttention('writeCache', rotated, positions, config);
	expectShape('writeCache', 'sequences', sequences, [axis(rotated, 0)]);
	const { k, v, capacity } = cache;
	writeOp({ rotated, positions, sequences, k, v, rope: config.rope }, { capacity, config });
}

/**
 * One decoding step: appends k and v of each row to the cache and attends to everything the row's sequence holds.
 *
 * @param qkv       [B, (H + 2·Hkv)·D], not rotated
 * @param positions int32 [B], < capacity
 * @param sequences int32 [B]; −1 marks a row that is done: its output is undefined
 * @returns         o [B, H·D]
 */
export function decodeAttention(
	qkv: Tensor2D,
	positions: Tensor1D,
	sequences: Tensor1D,
	cache: KvCache,
	config: AttentionConfig,
): Tensor2D {
	checkAttention('decodeAttention', qkv, positions, config);
	expectShape('decodeAttention', 'sequences', sequences, [axis(qkv, 0)]);
	const { k, v, capacity } = cache;
	return output2D(decodeOp({ qkv, positions, sequences, k, v, rope: config.rope }, { capacity, config }), 0);
}
