/** The tab that works on a run holds a browser lock; closing, reloading or crashing the tab releases it. */

import { modelLock } from '../models/kept/modelLock.ts';

const PREFIX = 'anchorage-run-';

/** Without locks, or if the browser refuses them, every tab may work. */
function maybeLocks(): LockManager | undefined {
	return (navigator as { locks?: LockManager }).locks;
}

export const runLocks = {
	/** False if this browser has no locks: then no tab knows of another tab's work. */
	known(): boolean {
		return maybeLocks() !== undefined;
	},

	/** Holds a run until the returned function is called; null if another tab holds it. */
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

	/** Shared: any number of runs use a model at once. Released by the returned function. */
	holdModel(modelId: string): () => void {
		let release = (): void => undefined;
		const released = new Promise<void>((resolve) => (release = resolve));
		maybeLocks()
			?.request(modelLock(modelId), { mode: 'shared' }, () => released)
			.catch(() => undefined);
		return release;
	},

	/** Runs that any tab, including this one, is working on. */
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
