/** Counts buffers by size as the pool of engine/buffer-pool.ts does: freed ones wait for the next request of their size. */
export class Ledger {
	readonly #held = new Map<string, number>();
	readonly #most = new Map<string, { floats: number; count: number }>();

	/** Bytes of all buffers that were ever needed at once, size by size. */
	get bytes(): number {
		let total = 0;
		for (const { floats, count } of this.#most.values()) total += 4 * floats * count;
		return total;
	}

	take(floats: number, use: 'tensor' | 'staging' = 'tensor'): void {
		if (floats === 0) return;
		const key = `${floats} ${use}`;
		const count = (this.#held.get(key) ?? 0) + 1;
		this.#held.set(key, count);
		if (count > (this.#most.get(key)?.count ?? 0)) this.#most.set(key, { floats, count });
	}

	give(floats: number, use: 'tensor' | 'staging' = 'tensor'): void {
		if (floats === 0) return;
		const key = `${floats} ${use}`;
		this.#held.set(key, (this.#held.get(key) ?? 0) - 1);
	}

	/** Holds `sizes` while `work` runs. */
	during(sizes: readonly number[], work: () => void): void {
		for (const size of sizes) this.take(size);
		work();
		for (const size of sizes) this.give(size);
	}
}
