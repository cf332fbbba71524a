/** Keeps one computed value, for several parts of the page that ask for the same value after each edit. */
export class LastValue<Value> {
	#last: { key: readonly unknown[]; value: Value } | null = null;

	/** @param key everything that the value depends on, compared by identity */
	of(key: readonly unknown[], compute: () => Value): Value {
		const last = this.#last;
		if (last?.key.length === key.length && key.every((part, i) => Object.is(part, last.key[i])))
			return last.value;
		const value = compute();
		this.#last = { key, value };
		return value;
	}
}
