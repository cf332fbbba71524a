/** Tells if a request is still the latest of its kind, so that what an earlier one reads does not replace what a later one shows. */
export class Latest {
	#count = 0;

	/** Begins a request. @returns the function that is true until the next request begins */
	begin(): () => boolean {
		const mine = ++this.#count;
		return () => mine === this.#count;
	}
}
