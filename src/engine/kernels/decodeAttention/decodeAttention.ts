/**
 * Attention with a KV cache, for generation: one new row per sequence, many sequences at once.
 *
 *   k, v of row b go to slot positions[b] of sequence sequences[b]
 *   o[b,h] = softmax_j(scale·q·k_j)·v_j over j = 0..positions[b]
 *
 * Dispatches: 1, because the cost of a step of few rows is that of its dispatches. Grid: one thread per row
 * and head. It rotates q and the row's own key (rope.ts), writes key and value once per group, and runs an
 * online softmax over the cache. Traffic: 2·D floats per key, row and head.
 *
 * @reference decodeAttention.reference.ts (f64) · tests/gpu/decodeAttention.test.ts
 */
import { keep, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { axis, defineOp, expectShape, output2D } from '../../op.ts';
import { zeroed } from '../../memory.ts';
import { recorder } from '../../gpu/record.ts';
import { memoized, program, unroll } from '../../gpu/wgsl.ts';
import { checkAttention, widthOf, type AttentionConfig } from '../attention/attention.ts';
import type { KvCache } from './cache.ts';
import { decodeAttentionStock, writeCacheStock } from './decodeAttention.stock.ts';

export type { KvCache } from './cache.ts';

const WORKGROUP = 64;

const writeProgram = memoized(() =>
	program('writeCache', {
		bindings: [
			['rotated', 'read', 'vec4f'],
			['rows', 'read', 'i32'],
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
	if (id.x >= u.quads) { return; }
	let slot = (u32(sequences[id.y]) * u.capacity + u32(positions[id.y])) * u.quads + id.x;
	let source = u32(rows[id.y]) * u.width + u.kAt + id.x;
	k[slot] = rotated[source];
	v[slot] = rotated[source + u.quads];
}`,
	}),
);

/** Online softmax of q against the row's own key, then against the cache; results are `o` and `total`. */
function keyLoop(headQuads: number): string {
	return /* wgsl */ `
	var largest = ${unroll(headQuads, (c) => `dot(q${c}, own${c})`, ' + ')};
	var total = 1.0;
	for (var j = 0u; j < position; j++) {
		let key = first + j * stride;
		let s = ${unroll(headQuads, (c) => `dot(q${c}, k[key + ${c}u])`, ' + ')};
		let next = max(largest, s);
		let shrink = exp(largest - next);
		let p = exp(s - next);
		total = total * shrink + p;
		largest = next;
		${unroll(headQuads, (c) => `o${c} = o${c} * shrink + p * v[key + ${c}u];`)}
	}`;
}

const attendProgram = memoized((headQuads: number) => {
	const half = headQuads / 2;
	/** Quad c of the head that starts at `at`, rotated to the row's position. */
	const turned = (at: string, c: number): string =>
		c < half
			? `qkv[${at} + ${c}u] * cos${c} - qkv[${at} + ${c + half}u] * sin${c}`
			: `qkv[${at} + ${c}u] * cos${c - half} + qkv[${at} + ${c - half}u] * sin${c - half}`;
	return program('decodeAttention', {
		bindings: [
			['qkv', 'read', 'vec4f'],
			['rope', 'read', 'vec4f'],
			['positions', 'read', 'i32'],
			['sequences', 'read', 'i32'],
			['k', 'write', 'vec4f'],
			['v', 'write', 'vec4f'],
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
	let to = id.x * ${headQuads}u;
	let sequence = sequences[row];
	let position = u32(positions[row]);
	if (sequence < 0 || position >= u.capacity) {
		${unroll(headQuads, (c) => `o[to + ${c}u] = vec4f();`)}
		return;
	}
	let group = head * u.kvHeads / u.heads;
	let stride = u.kvHeads * ${headQuads}u;
	let first = u32(sequence) * u.capacity * stride + group * ${headQuads}u;
	let qAt = row * u.width + head * ${headQuads}u;
	let kAt = row * u.width + (u.heads + group) * ${headQuads}u;
	let vAt = kAt + stride;
	let turn = position * ${headQuads}u;
	${unroll(half, (c) => `let cos${c} = rope[turn + ${c}u]; let sin${c} = rope[turn + ${c + half}u];`)}
	${unroll(headQuads, (c) => `let q${c} = (${turned('qAt', c)}) * u.scale;`)}
	// The row's own key and value need no cache: every head of the group has them, and the first one writes them.
	${unroll(headQuads, (c) => `let own${c} = ${turned('kAt', c)}; var o${c} = qkv[vAt + ${c}u];`)}
	if (head == 0u || (head - 1u) * u.kvHeads / u.heads != group) {
		let slot = first + position * stride;
		${unroll(headQuads, (c) => `k[slot + ${c}u] = own${c}; v[slot + ${c}u] = o${c};`)}
	}
	${keyLoop(headQuads)}
	${unroll(headQuads, (c) => `o[to + ${c}u] = o${c} / total;`)}
}`,
	});
});

type DecodeInputs = Record<'positions' | 'sequences', Tensor1D> & Record<'k' | 'v' | 'rope', Tensor2D>;
interface DecodeAttrs {
	capacity: number;
	config: AttentionConfig;
}

/** int32 [W] each: row `rows[i]` has position `positions[i]` in sequence `sequences[i]`. */
export type CachedRows = Record<'rows' | 'positions' | 'sequences', Tensor1D>;

const writeOp = defineOp<CachedRows & Record<'rotated' | 'k' | 'v', Tensor2D>, DecodeAttrs>(
	'AnchorageWriteCache',
	{
		webgpu: ({ rotated, rows, positions, sequences, k, v }, { capacity, config }) => {
			const { heads, kvHeads, headSize } = config;
			const quads = (kvHeads * headSize) / 4;
			recorder().record(
				writeProgram(),
				[rotated, rows, positions, sequences, k, v],
				[quads, widthOf(config) / 4, (heads * headSize) / 4, capacity],
				[Math.ceil(quads / WORKGROUP), axis(rows, 0)],
			);
			return [];
		},
		stock: ({ rotated, k, v, ...rows }, { capacity, config }) => {
			writeCacheStock(rotated, rows, { k, v, capacity }, config);
			return [];
		},
	},
);

const decodeOp = defineOp<DecodeInputs & { qkv: Tensor2D }, DecodeAttrs>('AnchorageDecodeAttention', {
	webgpu: (inputs, { config, capacity }) => {
		const gpu = recorder();
		const { heads, kvHeads, headSize, scale } = config;
		const { qkv, rope, positions, sequences, k, v } = inputs;
		const B = axis(qkv, 0);
		const o = gpu.allocate([B, heads * headSize]);
		const uniforms = [B, heads, kvHeads, widthOf(config) / 4, capacity, scale];
		gpu.record(attendProgram(headSize / 4), [qkv, rope, positions, sequences, k, v, o], uniforms, [
			Math.ceil((B * heads) / WORKGROUP),
		]);
		return [o];
	},
	stock: ({ qkv, positions, sequences, k, v }, { capacity, config }) => [
		decodeAttentionStock(qkv, positions, sequences, { k, v, capacity }, config),
	],
});

/** An empty cache; free it with {@link disposeKvCache}. */
export function createKvCache(sequences: number, capacity: number, config: AttentionConfig): KvCache {
	const shape = [sequences * capacity, config.kvHeads * config.headSize];
	const cache = (): Tensor2D => keep(zeroed(shape) as Tensor2D);
	return { k: cache(), v: cache(), capacity };
}

export function disposeKvCache({ k, v }: KvCache): void {
	k.dispose();
	v.dispose();
}

/**
 * Copies k and v of the prompts' rows into the cache, after attention() over packed prompts and before
 * decoding. A row that several sequences share is copied to each.
 *
 * @param rotated [T, (H + 2·Hkv)·D], as attention() returns it
 * @param from    destination of each row
 */
export function writeCache(
	rotated: Tensor2D,
	from: CachedRows,
	{ k, v, capacity }: KvCache,
	config: AttentionConfig,
): void {
	const count = axis(from.rows, 0);
	expectShape('writeCache', 'rotated', rotated, [-1, widthOf(config)]);
	expectShape('writeCache', 'positions', from.positions, [count]);
	expectShape('writeCache', 'sequences', from.sequences, [count]);
	writeOp({ rotated, ...from, k, v }, { capacity, config });
}

/**
 * One decoding step: appends k and v of each row to the cache and attends to all positions of the row's
 * sequence.
 *
 * @param qkv       [B, (H + 2·Hkv)·D], not rotated
 * @param positions int32 [B]; a row at or beyond the capacity writes nothing and its output is 0
 * @param sequences int32 [B]; −1 marks a row without a sequence, which also writes nothing and outputs 0
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
