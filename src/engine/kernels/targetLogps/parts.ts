/**
 * Bindings, uniforms and the step from logit to dlogit, shared by the programs of targetLogps for all kinds
 * of tiles.
 */
import type { WeightType } from '../../gpu/weightReads.ts';
import type { Program, Uniform } from '../../gpu/wgsl.ts';

type Parts = Pick<Program, 'bindings' | 'uniforms'>;

/**
 * Uniforms that only a part of a split head has (table.ts): its first row; and where its spans are among those of
 * the whole vocabulary.
 */
const FIRST: readonly Uniform[] = [['first', 'u32']];
const SPAN_PLACE: readonly Uniform[] = [
	['firstSpan', 'u32'],
	['allSpans', 'u32'],
];

/** Bindings and uniforms of every program of the spans. */
export const spansParts = (head: WeightType, split: boolean): Parts => ({
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
		...(split ? SPAN_PLACE : []),
	],
});

/** WGSL of the place of a row's span. */
export function partialAt(row: string, span: string, split: boolean): string {
	return split ? `${row} * u.allSpans + u.firstSpan + ${span}` : `${row} * u.spans + ${span}`;
}

/** Uniforms of the programs that join the spans. */
export const joinUniforms = (split: boolean): readonly Uniform[] => [
	['rows', 'u32'],
	['c', 'u32'],
	['spans', 'u32'],
	...(split ? ([...FIRST, ['v', 'u32']] as const) : []),
];

/** Bindings and uniforms of every program of dlogits. */
export const dlogitsParts = (head: WeightType, split: boolean): Parts => ({
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
		...(split ? FIRST : []),
	],
});

/** Columns are those of the part; a target before it is negative there, but not to be skipped. */
export const dlogitFunction = (split: boolean): string => /* wgsl */ `
fn dlogit(n : u32, v : u32, logits : vec4f) -> vec4f {
	let column = vec4i(i32(v)) + vec4i(0, 1, 2, 3);
	let wanted = targets[n]${split ? ' - i32(u.first)' : ''};
	let p = exp(logits - lse[n]);
	let d = dlogps[n] * (select(vec4f(), vec4f(1.0), column == vec4i(wanted)) - p);
	return select(vec4f(), d, (column < vec4i(i32(u.v))) & vec4<bool>(${split ? 'targets[n]' : 'wanted'} >= 0));
}`;

export function storeDlogits(row: string, column: string, value: string): string {
	return `dlogits[(${row}) * u.width + ${column}] = dlogit(${row}, u.start + 4u * (${column}), ${value});`;
}

/** Bindings and uniforms of every program of the product with the head. */
export const productParts = (head: WeightType, split: boolean): Parts => ({
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
		...(split ? FIRST : []),
	],
});

/** Adds to the rows' gradient from the second chunk on. */
export const storeProduct =
	(split: boolean) =>
	(row: string, column: string, value: string): string => {
		const to = `dRows[(${row}) * u.c + ${column}]`;
		const start = split ? 'u.first + u.start' : 'u.start';
		return `if (${start} == 0u) { ${to} = ${value}; } else { ${to} += ${value}; }`;
	};
