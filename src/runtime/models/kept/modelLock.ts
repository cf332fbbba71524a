/**
 * One model over all tabs and threads of the page: runs share it; adding and deleting exclude every other use. The browser
 * frees the locks of a tab that is closed.
 */
import { AppError } from '#core/errors.ts';

export const modelLock = (id: string): string => `anchorage model ${id}`;

/** @throws AppError `model-elsewhere` if another tab uses, adds or deletes the model */
export async function withModelAlone<T>(id: string, work: () => Promise<T>): Promise<T> {
	const locks = (globalThis.navigator as { locks?: LockManager } | undefined)?.locks;
	if (locks === undefined) return work();
	const lock = { asked: false };
	try {
		return await locks.request(modelLock(id), { ifAvailable: true }, (granted) => {
			lock.asked = true;
			if (granted === null) throw elsewhere(id);
			return work();
		});
	} catch (error) {
		if (lock.asked) throw error;
		// The browser refuses locks, as some do in private windows; then no tab knows of another's work.
		return work();
	}
}

function elsewhere(id: string): AppError {
	return new AppError(`A run uses ${id}, or another tab is adding it.`, {
		code: 'model-elsewhere',
		hint: 'Wait for the end of that work, or stop it there; then try again here.',
		context: { id },
	});
}
