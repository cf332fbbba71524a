/**
 * A fair lock. Runs that train on one device take turns: each gets the lock in the order in which it asked.
 *
 * A run that asks again as soon as its turn has ended comes after every run that waits, so each run makes one step in turn.
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
