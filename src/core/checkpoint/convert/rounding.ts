/** The largest difference between the numbers of a file and the stored ones. */

export interface LargestRounding {
	/** Name of the tensor. */
	tensor: string;
	/** |stored − original|. */
	error: number;
}

export class Rounding {
	#largest: LargestRounding | null = null;

	/** Null if every number so far is stored exactly. */
	get largest(): LargestRounding | null {
		return this.#largest;
	}

	/** @param values the value of every 16-bit number by its bits */
	compare(tensor: string, original: Float32Array, stored: Uint16Array, values: Float32Array): void {
		let largest = 0;
		for (let i = 0; i < stored.length; i++) {
			const error = Math.abs((values[stored[i] ?? 0] ?? 0) - (original[i] ?? 0));
			if (error > largest) largest = error;
		}
		if (largest > (this.#largest?.error ?? 0)) this.#largest = { tensor, error: largest };
	}
}
