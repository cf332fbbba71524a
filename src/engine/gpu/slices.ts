/**
 * WGSL text for sums that the threads of a workgroup share. On real GPUs a result of few numbers would
 * otherwise occupy only few threads.
 *
 * A workgroup's threads form `slices` rows of `across`: thread = slice · across + place. Each slice takes
 * every slices-th term of a long sum; then the slices are added in pairs, in quarters and so on, which leaves
 * the sum in slice 0. The order is fixed, so a run repeats bit for bit.
 */
import { unroll } from './wgsl.ts';

export interface Slices {
	/** A power of 2. */
	readonly slices: number;
	readonly across: number;
}

/** Workgroup memory that every device guarantees, bytes. */
const MEMORY = 16_384;
const QUAD_BYTES = 16;

/** Quads that half of the workgroup can store at once; no more than half ever writes. */
function atOnce({ slices, across }: Slices, values: number): number {
	const quads = MEMORY / QUAD_BYTES;
	return Math.min(values, Math.floor((2 * quads) / (slices * across)));
}

/** Module-scope declaration for sums of `values` quads per thread. */
export function slicesMemory(shape: Slices, values: number): string {
	const size = (atOnce(shape, values) * shape.slices * shape.across) / 2;
	return `var<workgroup> scratch : array<vec4f, ${size}>;`;
}

/** `fn main` of such a workgroup; declares `slice` and `place`. No thread may return before the last sum. */
export function slicesMain({ slices, across }: Slices): string {
	return /* wgsl */ `
@compute @workgroup_size(${slices * across})
fn main(@builtin(workgroup_id) group : vec3u, @builtin(local_invocation_index) thread : u32) {
	let slice = thread / ${across}u;
	let place = thread % ${across}u;`;
}

/**
 * Adds the variables (vec4f) over all slices. Slice 0 then holds the sums; the other slices hold partial
 * sums.
 */
export function sumOverSlices(shape: Slices, names: readonly string[]): string {
	const { slices, across } = shape;
	const half = (slices * across) / 2;
	const group = atOnce(shape, names.length);
	const round = (some: readonly string[]): string => /* wgsl */ `
	for (var stride = ${slices / 2}u; stride > 0u; stride >>= 1u) {
		if (slice >= stride && slice < 2u * stride) {
			let to = thread - stride * ${across}u;
			${unroll(some.length, (i) => `scratch[${i * half}u + to] = ${some[i] ?? ''};`, ' ')}
		}
		workgroupBarrier();
		if (slice < stride) {
			${unroll(some.length, (i) => `${some[i] ?? ''} += scratch[${i * half}u + thread];`, ' ')}
		}
		workgroupBarrier();
	}`;
	return unroll(Math.ceil(names.length / group), (n) => round(names.slice(n * group, (n + 1) * group)));
}
