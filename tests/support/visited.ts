/** Counts the list items that some work visits or copies, to test how work grows without measuring time. */

type Callable = (this: readonly unknown[], ...args: unknown[]) => unknown;

/** Methods that go over a whole list, or copy it. */
const WHOLE = ['filter', 'map', 'flatMap', 'concat', 'forEach', 'reduce', 'toSorted', 'toSpliced'] as const;

export function visited(work: () => void): number {
	let count = 0;
	const prototype = Array.prototype as unknown as Record<string | symbol, Callable>;
	const originals = new Map<string | symbol, Callable>();
	const replace = (
		name: string | symbol,
		costOf: (list: readonly unknown[], result: unknown) => number,
	): void => {
		const original = prototype[name];
		if (original === undefined) throw new Error(`Lists have no ${String(name)}.`);
		originals.set(name, original);
		prototype[name] = function (...args) {
			const result = original.apply(this, args);
			count += costOf(this, result);
			return result;
		};
	};
	for (const name of WHOLE) replace(name, (list) => list.length);
	replace(Symbol.iterator, (list) => list.length);
	replace('slice', (_, result) => (result as readonly unknown[]).length);
	try {
		work();
	} finally {
		for (const [name, original] of originals) prototype[name] = original;
	}
	return count;
}

/** A list that counts the reads of its items. */
export function counted<T>(list: readonly T[]): { list: readonly T[]; reads: () => number } {
	let reads = 0;
	const proxy = new Proxy(list, {
		get(target, name, receiver) {
			if (typeof name === 'string' && /^\d/.test(name)) reads++;
			return Reflect.get(target, name, receiver) as unknown;
		},
	});
	return { list: proxy, reads: () => reads };
}
