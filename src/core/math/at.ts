import { ShapeError } from '../errors.ts';

/**
 * The element at `index`, which must exist: indexed access for numeric loops without non-null assertions.
 *
 * @throws ShapeError if the index is outside the list
 */
export function at<T>(list: { readonly length: number; readonly [index: number]: T }, index: number): T {
	const value = list[index];
	if (value === undefined) {
		throw new ShapeError(`Index ${index} is outside a list of ${list.length}.`, {
			code: 'index-out-of-range',
			context: { index, length: list.length },
		});
	}
	return value;
}
