/**
 * Rotates q and k before attention, in a dispatch of its own, because many rows read each key and it should
 * be rotated once.
 *
 * Grid: one thread per pair of quads (channels i..i+3 and their partners at + D/2) of one head; x runs over a
 * row, y over rows. Heads of v are copied. Traffic: the row read and written, D floats of the table.
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { memoized, program } from '../../gpu/wgsl.ts';
import type { AttentionConfig } from './config.ts';

const WORKGROUP = 64;

const rotationProgram = memoized(() =>
	program('rotation', {
		bindings: [
			['qkv', 'read', 'vec4f'],
			['positions', 'read', 'i32'],
			['table', 'read', 'vec4f'],
			['rotated', 'write', 'vec4f'],
		],
		uniforms: [
			['halfQuads', 'u32'],
			['turning', 'u32'],
			['pairs', 'u32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	if (id.x >= u.pairs) { return; }
	let head = id.x / u.halfQuads;
	let i = id.x % u.halfQuads;
	let at = id.y * 2u * u.pairs + head * 2u * u.halfQuads + i;
	let first = qkv[at];
	let second = qkv[at + u.halfQuads];
	var cosine = vec4f(1.0);
	var sine = vec4f();
	if (head < u.turning) {
		let row = u32(positions[id.y]) * 2u * u.halfQuads + i;
		cosine = table[row];
		sine = table[row + u.halfQuads];
	}
	rotated[at] = first * cosine - second * sine;
	rotated[at + u.halfQuads] = second * cosine + first * sine;
}`,
	}),
);

/** A rotated copy of qkv [T, (H + 2·Hkv)·D], owned by the caller. */
export function recordRotation(qkv: Tensor2D, positions: Tensor1D, config: AttentionConfig): TensorInfo {
	const gpu = recorder();
	const [T, W] = qkv.shape;
	const rotated = gpu.allocate([T, W]);
	const uniforms = [config.headSize / 8, config.heads + config.kvHeads, W / 8];
	gpu.record(rotationProgram(), [qkv, positions, config.rope, rotated], uniforms, [
		Math.ceil(W / 8 / WORKGROUP),
		axis(positions, 0),
	]);
	return rotated;
}
