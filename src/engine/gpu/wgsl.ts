/**
 * Programs: WGSL text whose bindings and uniforms are declared as data, so that host and shader cannot
 * disagree.
 *
 * Bindings are numbered in the order given, in group 0. All uniforms are scalars and form one struct `u` in
 * the last binding.
 */
import { weightElement, weightReads, type WeightType } from './weightReads.ts';

export type BindingType = 'f32' | 'vec2f' | 'vec4f' | 'i32' | 'vec4i' | 'u32' | WeightType;
/** `[name, access, element type]` of one storage buffer. */
export type Binding = readonly [name: string, access: 'read' | 'write', type: BindingType];
export type UniformType = 'u32' | 'f32';
export type Uniform = readonly [name: string, type: UniformType];

export interface Program {
	readonly label: string;
	readonly code: string;
	readonly bindings: readonly Binding[];
	readonly uniforms: readonly Uniform[];
	/** Bit i is set if uniform i is an f32. */
	readonly floats: number;
	/** True if the uniforms change every step: see uniforms.ts. */
	readonly volatile: boolean;
}

/**
 * Four neighbouring threads that need the same four rows each read one row and exchange the quads by
 * quadSwap.
 *
 * SwiftShader hardly optimises. A quad read from storage costs each group of four threads about 500
 * instructions, whether they read the same quad or four; a quadSwap of it costs eight, a fused multiply-add
 * of it 28. Its subgroups have exactly four threads. In exchange `t` a thread receives the row of thread lane
 * ^ t, so each thread meets the four rows in a different order. `inOrder` sorts four values that came in a
 * thread's order, or puts them into it. All four threads must run in step: no divergent loop or return around
 * a swap.
 */
const IN_ORDER = /* wgsl */ `
fn inOrder(v : vec4f, lane : u32) -> vec4f {
	let pairs = select(v, v.yxwz, (lane & 1u) != 0u);
	return select(pairs, pairs.zwxy, (lane & 2u) != 0u);
}`;

const SWAPS = ['', 'quadSwapX', 'quadSwapY', 'quadSwapDiagonal'] as const;

/** WGSL of the value that thread lane ^ t read as `mine` (f32, vec2f or vec4f); t from 0 to 3. */
export function handed(t: number, mine: string): string {
	return `${SWAPS[t] ?? ''}(${mine})`;
}

/** Parameter of `main` in programs with `lanes`: the thread's index among its four. */
export const LANE = ', @builtin(subgroup_invocation_id) lane : u32';

/**
 * Builds a program: puts the declarations before the body. The body declares `fn main` and may read
 * `u.<uniform>`.
 *
 * Programs are cached by identity and by text, so build each once (see {@link memoized}).
 */
export function program(
	label: string,
	parts: {
		bindings: readonly Binding[];
		uniforms: readonly Uniform[];
		body: string;
		volatile?: boolean;
		/** The body uses handed() and inOrder(); requires {@link Recorder.lanes4}. */
		lanes?: boolean;
		/** The body uses f16; requires {@link Recorder.halves}. */
		halves?: boolean;
	},
): Program {
	const { bindings, uniforms, body, lanes = false, halves = false } = parts;
	const buffers = bindings.map(
		([name, access, type], i) =>
			`@group(0) @binding(${i}) var<storage, ${access === 'read' ? 'read' : 'read_write'}> ${name} : array<${weightElement(type)}>;`,
	);
	const fields = uniforms.map(([name, type]) => `\t${name} : ${type},`);
	const bindsHalves = bindings.some(([, , type]) => type === 'vec4h');
	const code = [
		...(halves || bindsHalves ? ['enable f16;'] : []),
		...(lanes ? ['enable subgroups;', 'diagnostic(off, subgroup_uniformity);'] : []),
		`// ${label}`,
		'struct Uniforms {',
		...fields,
		'}',
		...buffers,
		`@group(0) @binding(${bindings.length}) var<uniform> u : Uniforms;`,
		...(lanes ? [IN_ORDER] : []),
		...weightReads(bindings),
		body,
	].join('\n');
	const floats = uniforms.reduce((bits, [, type], i) => bits | (type === 'f32' ? 1 << i : 0), 0);
	return { label, code, bindings, uniforms, floats, volatile: parts.volatile ?? false };
}

/** Caches a function of plain values. Every dispatch calls it, so the look-up builds no string. */
export function memoized<Args extends readonly (string | number | boolean)[], Result>(
	build: (...args: Args) => Result,
): (...args: Args) => Result {
	const root: Built<Result> = { next: new Map() };
	return (...args) => {
		let built = root;
		for (const arg of args) {
			let next = built.next.get(arg);
			if (next === undefined) {
				next = { next: new Map() };
				built.next.set(arg, next);
			}
			built = next;
		}
		built.result ??= build(...args);
		return built.result;
	};
}

/** Trie of results: the result for the arguments so far, and the subtries by the next argument. */
interface Built<Result> {
	readonly next: Map<string | number | boolean, Built<Result>>;
	result?: Result;
}

/** `count` pieces of text made from their index, for code that must be unrolled. */
export function unroll(count: number, line: (index: number) => string, separator = '\n'): string {
	return Array.from({ length: count }, (_, index) => line(index)).join(separator);
}
