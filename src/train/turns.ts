/**
 * A fair lock. Runs that train on one device take turns: each gets the lock in the order of the requests.
 *
 * A run that requests its next turn right after the last comes after every waiting run, so each run makes one
 * step in turn.
 */
export class Turns {
	#last: Promise<void> = Promise.resolve();

	/** Waits for the caller's turn. @returns a function that ends the turn */
	async next(): Promise<() => void> {
		const before = this.#last;
		let end = (): void => undefined;
		this.#last = new Promise((resolve) => {
			end = resolve;
		});
		await before;
		return end;
	}
}
