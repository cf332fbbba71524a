/**
 * Maps lists of numbers to values. A look-up creates neither a string nor an array, because every dispatch
 * makes two look-ups.
 */
interface Entry<T> {
	readonly head: number;
	readonly list: readonly number[];
	readonly value: T;
}

export class NumberLists<T> {
	/** By hash; lists with the same hash share one entry. */
	readonly #entries = new Map<number, Entry<T>[]>();
	#size = 0;

	get size(): number {
		return this.#size;
	}

	/** @param head counts as a number before the list */
	get(head: number, list: readonly number[]): T | undefined {
		const same = this.#entries.get(hashOf(head, list));
		if (same === undefined) return undefined;
		for (const entry of same) {
			if (entry.head === head && equal(entry.list, list)) return entry.value;
		}
		return undefined;
	}

	/** Adds a list that is not present yet. @param list is copied */
	add(head: number, list: readonly number[], value: T): void {
		const hash = hashOf(head, list);
		const entry = { head, list: list.slice(), value };
		const same = this.#entries.get(hash);
		if (same === undefined) this.#entries.set(hash, [entry]);
		else same.push(entry);
		this.#size += 1;
	}

	*values(): Iterable<T> {
		for (const same of this.#entries.values()) for (const { value } of same) yield value;
	}

	clear(): void {
		this.#entries.clear();
		this.#size = 0;
	}
}

/**
 * FNV over the integer parts. Lists that differ only in fractions are rare; the entries are compared in full.
 */
function hashOf(head: number, list: readonly number[]): number {
	let hash = head | 0;
	for (const value of list) hash = Math.imul(hash, 0x01000193) ^ value;
	return hash;
}

function equal(a: readonly number[], b: readonly number[]): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
	return true;
}
