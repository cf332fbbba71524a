/** Seeded numbers for kernel tests, as f32 values in f64 arrays so that kernel and reference see the same inputs. */

/** mulberry32 and Box–Muller. */
export function normals(count: number, seed: number, scale = 1): Float64Array {
	let state = seed >>> 0;
	const uniform = (): number => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
	return Float64Array.from({ length: count }, () =>
		Math.fround(scale * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())),
	);
}

/** Whole numbers in [0, below). */
export function integers(count: number, below: number, seed: number): Int32Array {
	return Int32Array.from(normals(count, seed), (value) => Math.floor(Math.abs(value) * 7919) % below);
}

/**
 * Central difference of a scalar function with respect to one entry of `x`, which is restored.
 *
 * @param f reads `x` (f64); h is large enough for f64 and small enough for curvature
 */
export function centralDifference(f: () => number, x: Float64Array, index: number, h = 1e-5): number {
	const kept = x[index] ?? NaN;
	x[index] = kept + h;
	const above = f();
	x[index] = kept - h;
	const below = f();
	x[index] = kept;
	return (above - below) / (2 * h);
}

/** A few indices, evenly spread over a list. */
export function someIndices(length: number, count = 7): number[] {
	const step = Math.max(1, Math.floor(length / count));
	return Array.from({ length: Math.min(count, length) }, (_, i) => (i * step + i) % length);
}

export function dotProduct(a: ArrayLike<number>, b: ArrayLike<number>): number {
	let sum = 0;
	for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
	return sum;
}
