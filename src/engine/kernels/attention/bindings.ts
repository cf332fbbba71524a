/** Bindings and uniforms that all attention programs share. */
import type { Binding, Uniform } from '../../gpu/wgsl.ts';

const ROTATED: Binding = ['x', 'read', 'vec4f'];
const VISIBLE: Binding = ['visible', 'read', 'vec4i'];
const TURNED_BACK: readonly Binding[] = [
	['dO', 'read', 'vec4f'],
	['positions', 'read', 'i32'],
	['table', 'read', 'vec4f'],
	['dqkv', 'write', 'vec4f'],
];

export const BINDINGS = {
	forward: [ROTATED, VISIBLE, ['o', 'write', 'vec4f'], ['stats', 'write', 'f32']],
	gradQ: [ROTATED, VISIBLE, ['o', 'read', 'vec4f'], ['stats', 'write', 'vec2f'], ...TURNED_BACK],
	gradKv: [ROTATED, VISIBLE, ['stats', 'read', 'vec2f'], ...TURNED_BACK],
} satisfies Record<string, readonly Binding[]>;

export const UNIFORMS: readonly Uniform[] = [
	['rows', 'u32'],
	['scale', 'f32'],
];
