import type * as fc from 'fast-check';
import { AppError } from '#core/errors.ts';

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

/** Runs `work`; any error but an AppError with code and hint fails the target. */
export function onlyAppErrors<T>(work: () => T): T | null {
	try {
		return work();
	} catch (error) {
		if (error instanceof AppError && error.code !== 'unexpected' && error.hint !== '') return null;
		throw error;
	}
}
