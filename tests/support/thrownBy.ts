/** Returns the error that `work` throws; fails the test if it throws none. */
export function thrownBy(work: () => unknown): unknown {
	try {
		work();
	} catch (thrown) {
		return thrown;
	}
	throw new Error('Nothing was thrown.');
}
