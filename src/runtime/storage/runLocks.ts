/** Which tab works on which run, by the browser's own locks: they are let go of when a tab is closed, reloaded or crashes. */

const PREFIX = 'anchorage-run-';

/** Browsers without locks, or that refuse them, let every tab work. */
function maybeLocks(): LockManager | undefined {
	return (navigator as { locks?: LockManager }).locks;
}

export const runLocks = {
	/** Holds a run until the function that comes back is called; null where another tab holds it. */
	async hold(runId: string): Promise<(() => void) | null> {
		const locks = maybeLocks();
		if (locks === undefined) return () => undefined;
		return new Promise((resolve) => {
			locks
				.request(PREFIX + runId, { ifAvailable: true }, async (lock) => {
					if (lock === null) {
						resolve(null);
						return;
					}
					await new Promise<void>((release) => resolve(release));
				})
				.catch(() => resolve(() => undefined));
		});
	},

	/** Runs that any tab works on now, this one included. */
	async held(): Promise<ReadonlySet<string>> {
		const { held = [] } =
			(await maybeLocks()
				?.query()
				.catch(() => null)) ?? {};
		return new Set(
			held.flatMap(({ name }) => (name?.startsWith(PREFIX) === true ? [name.slice(PREFIX.length)] : [])),
		);
	},
};
