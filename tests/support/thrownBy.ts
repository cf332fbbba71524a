/** What the work throws; fails the test if it throws nothing. */
export function thrownBy(work: () => unknown): unknown {
	try {
		work();
	} catch (thrown) {
		return thrown;
	}
	throw new Error('Nothing was thrown.');
}
