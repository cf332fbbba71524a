/**
 * Bindings, uniforms and the step from logit to dlogit, shared by the programs of targetLogps for all kinds
 * of tiles.
 */
import type { WeightType } from '../../gpu/weightReads.ts';
import type { Program } from '../../gpu/wgsl.ts';

type Parts = Pick<Program, 'bindings' | 'uniforms'>;

/** Bindings and uniforms of every program of the spans. */
export const spansParts = (head: WeightType): Parts => ({
	bindings: [
		['h', 'read', 'vec4f'],
		['head', 'read', head],
		['partials', 'write', 'vec4f'],
	],
	uniforms: [
		['rows', 'u32'],
		['c', 'u32'],
		['v', 'u32'],
		['spans', 'u32'],
		['width', 'u32'],
	],
});

/** Bindings and uniforms of every program of dlogits. */
export const dlogitsParts = (head: WeightType): Parts => ({
	bindings: [
		['h', 'read', 'vec4f'],
		['head', 'read', head],
		['targets', 'read', 'i32'],
		['lse', 'read', 'f32'],
		['dlogps', 'read', 'f32'],
		['dlogits', 'write', 'vec4f'],
	],
	uniforms: [
		['rows', 'u32'],
		['start', 'u32'],
		['c', 'u32'],
		['v', 'u32'],
		['width', 'u32'],
	],
});

export const DLOGIT = /* wgsl */ `
fn dlogit(n : u32, v : u32, logits : vec4f) -> vec4f {
	let column = vec4i(i32(v)) + vec4i(0, 1, 2, 3);
	let wanted = targets[n];
	let p = exp(logits - lse[n]);
	let d = dlogps[n] * (select(vec4f(), vec4f(1.0), column == vec4i(wanted)) - p);
	return select(vec4f(), d, (column < vec4i(i32(u.v))) & vec4<bool>(wanted >= 0));
}`;

export function storeDlogits(row: string, column: string, value: string): string {
	return `dlogits[(${row}) * u.width + ${column}] = dlogit(${row}, u.start + 4u * (${column}), ${value});`;
}

/** Bindings and uniforms of every program of the product with the head. */
export const productParts = (head: WeightType): Parts => ({
	bindings: [
		['dlogits', 'read', 'vec4f'],
		['head', 'read', head],
		['dRows', 'write', 'vec4f'],
	],
	uniforms: [
		['rows', 'u32'],
		['start', 'u32'],
		['quads', 'u32'],
		['c', 'u32'],
		['width', 'u32'],
	],
});

/** Adds to the rows' gradient from the second chunk on. */
export function storeProduct(row: string, column: string, value: string): string {
	const to = `dRows[(${row}) * u.c + ${column}]`;
	return `if (u.start == 0u) { ${to} = ${value}; } else { ${to} += ${value}; }`;
}
