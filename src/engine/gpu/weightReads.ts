/**
 * How programs read four numbers of a frozen weight, by its binding type (docs/kernels.md). Programs take the
 * quad as vec4f, so a new format is one more entry here.
 */
import { BLOCK_SIZE, isBlockFormat, PACKING, type BlockFormat } from '#core/format/numberFormat.ts';

/**
 * vec4f: f32. vec4h: f16. vec2u: f16 packed in pairs as u32, for devices without `shader-f16`. bf16: pairs as
 * u32. The others are blocks (core/format/numberFormat.ts) as u32.
 */
export type WeightType = 'vec4f' | 'vec2u' | 'vec4h' | 'bf16' | BlockFormat;

function isBlock(type: string): type is BlockFormat {
	return type in PACKING && isBlockFormat(type as BlockFormat);
}

/** WGSL of the elements of a binding of any type. */
export function weightElement(type: string): string {
	if (isBlock(type)) return 'u32';
	return type === 'bf16' ? 'vec2u' : type;
}

/** WGSL that reads the quad `at` of a weight as vec4f. Rows of blocks are whole blocks. */
export function weightQuad(name: string, type: WeightType): (at: string) => string {
	if (isBlock(type)) return (at) => `${name}Quad(${at})`;
	if (type === 'bf16') return (at) => `unpackBrainQuad(${name}[${at}])`;
	if (type === 'vec2u') return (at) => `unpackQuad(${name}[${at}])`;
	return type === 'vec4h' ? (at) => `vec4f(${name}[${at}])` : (at) => `${name}[${at}]`;
}

/** Two f16 pairs to four f32; exact. */
const UNPACK = /* wgsl */ `
fn unpackQuad(pairs : vec2u) -> vec4f {
	return vec4f(unpack2x16float(pairs.x), unpack2x16float(pairs.y));
}`;

/** Two bf16 pairs to four f32: a bf16 is the upper half of an f32. */
const UNPACK_BRAIN = /* wgsl */ `
fn unpackBrainQuad(pairs : vec2u) -> vec4f {
	return bitcast<vec4f>(vec4u(pairs.x << 16u, pairs.x & 0xffff0000u, pairs.y << 16u, pairs.y & 0xffff0000u));
}`;

const NIBBLES = '(vec4u(word >> (16u * (at & 1u))) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u)';
const BYTES = 'vec4i(vec4u(word) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u)';

/** WGSL of a block's four integers from their `word`, and of their values from the integers `n` and the last word. */
const BLOCK_READS: Readonly<Record<BlockFormat, { integers: string; values: string }>> = {
	q4: { integers: NIBBLES, values: '(vec4f(n) - 7.0) * bitcast<f32>(last)' },
	q4m: { integers: NIBBLES, values: 'vec4f(n) * unpack2x16float(last).x + unpack2x16float(last).y' },
	q8: { integers: BYTES, values: 'vec4f(n) * bitcast<f32>(last)' },
};

function blockRead(name: string, type: BlockFormat): string {
	const { integers, values } = BLOCK_READS[type];
	const { words } = PACKING[type];
	const quads = BLOCK_SIZE / 4;
	const quadsPerWord = quads / (words - 1);
	return /* wgsl */ `
fn ${name}Quad(at : u32) -> vec4f {
	let start = at / ${quads}u * ${words}u;
	let word = ${name}[start + at % ${quads}u / ${quadsPerWord}u];
	let last = ${name}[start + ${words - 1}u];
	let n = ${integers};
	return ${values};
}`;
}

/** Functions that {@link weightQuad} calls for these bindings. */
export function weightReads(
	bindings: readonly (readonly [name: string, access: string, type: string])[],
): string[] {
	const has = (wanted: WeightType): boolean => bindings.some(([, , type]) => type === wanted);
	const blocks = bindings.flatMap(([name, , type]) => (isBlock(type) ? [blockRead(name, type)] : []));
	return [...(has('vec2u') ? [UNPACK] : []), ...(has('bf16') ? [UNPACK_BRAIN] : []), ...blocks];
}
