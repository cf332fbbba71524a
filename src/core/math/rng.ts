import { at } from './at.ts';
import { hash32 } from './hash.ts';

/** A seeded stream of random numbers; the project uses no other source of randomness. */
export interface Rng {
	/** Uniform in [0, 1). */
	next(): number;
	/** Uniform integer in [0, n). */
	int(n: number): number;
	pick<T>(list: readonly T[]): T;
	/** Standard normal (Box–Muller). */
	normal(): number;
	/** A new list in random order (Fisher–Yates). */
	shuffle<T>(list: readonly T[]): T[];
	/** Returns an independent stream named by a label: more draws from one stream do not change another. */
	fork(label: string): Rng;
}

/** mulberry32: 32 bits of state; passes PractRand far beyond a run's needs; the same on every machine. */
export function rng(seed: number): Rng {
	let state = seed >>> 0;
	const next = (): number => {
		state = (state + 0x6d2b79f5) | 0;
		let z = Math.imul(state ^ (state >>> 15), 1 | state);
		z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
		return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
	};
	const int = (n: number): number => Math.floor(next() * n);
	return {
		next,
		int,
		pick: (list) => at(list, int(list.length)),
		normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
		shuffle: (list) => {
			const out = [...list];
			for (let i = out.length - 1; i > 0; i--) {
				const j = int(i + 1);
				const held = at(out, i);
				out[i] = at(out, j);
				out[j] = held;
			}
			return out;
		},
		fork: (label) => rng(hash32(`${seed >>> 0}:${label}`)),
	};
}
