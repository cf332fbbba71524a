import type * as fc from 'fast-check';
/** A property of one function that takes outside input: it must hold for every generated input. */
export interface FuzzTarget {
	name: string;
	arbitrary: fc.Arbitrary<unknown>;
	check: (input: never) => void | Promise<void>;
}
export function target<T>(
	name: string,
	arbitrary: fc.Arbitrary<T>,
	check: (input: T) => void | Promise<void>,
): FuzzTarget {
	return { name, arbitrary, check };
}
