/**
 * Programs: WGSL text with its bindings and uniforms declared as data, so that host and shader cannot disagree.
 *
 * Bindings are numbered in the order given, group 0; the uniforms, all scalars, are one struct `u` in the last binding.
 */

export type BindingType = 'f32' | 'vec2f' | 'vec4f' | 'i32' | 'vec4i' | 'u32';
/** `[name, access, element type]` of one storage buffer. */
export type Binding = readonly [name: string, access: 'read' | 'write', type: BindingType];
export type UniformType = 'u32' | 'f32';
export type Uniform = readonly [name: string, type: UniformType];

export interface Program {
	readonly label: string;
	readonly code: string;
	readonly bindings: readonly Binding[];
	readonly uniforms: readonly Uniform[];
	/** Uniforms change every step: see uniforms.ts. */
	readonly volatile: boolean;
}

/**
 * Puts the declarations before the body. The body declares `fn main` and may read `u.<uniform>`.
 *
 * Programs are cached by identity and by text: build each once (see {@link memoized}).
 */
export function program(
	label: string,
	parts: { bindings: readonly Binding[]; uniforms: readonly Uniform[]; body: string; volatile?: boolean },
): Program {
	const { bindings, uniforms, body } = parts;
	const buffers = bindings.map(
		([name, access, type], i) =>
			`@group(0) @binding(${i}) var<storage, ${access === 'read' ? 'read' : 'read_write'}> ${name} : array<${type}>;`,
	);
	const fields = uniforms.map(([name, type]) => `\t${name} : ${type},`);
	const code = [
		`// ${label}`,
		'struct Uniforms {',
		...fields,
		'}',
		...buffers,
		`@group(0) @binding(${bindings.length}) var<uniform> u : Uniforms;`,
		body,
	].join('\n');
	return { label, code, bindings, uniforms, volatile: parts.volatile ?? false };
}

/** A function of plain values whose results are built once. */
export function memoized<Args extends readonly (string | number | boolean)[], Result>(
	build: (...args: Args) => Result,
): (...args: Args) => Result {
	const built = new Map<string, Result>();
	return (...args) => {
		const key = args.join('|');
		let result = built.get(key);
		if (result === undefined) {
			result = build(...args);
			built.set(key, result);
		}
		return result;
	};
}

/** `count` lines (or other texts) made from their index: for code that must be unrolled. */
export function unroll(count: number, line: (index: number) => string, separator = '\n'): string {
	return Array.from({ length: count }, (_, index) => line(index)).join(separator);
}
