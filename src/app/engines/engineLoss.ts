/** Losses that end an engine but not the run: its device went away, or its worker died. A new engine can take the work up. */
import { AppError } from '#core/errors.ts';

const CODES: ReadonlySet<string> = new Set(['device-lost', 'worker-died', 'worker-crashed']);

/** True where the work under way is over, and can go on with a new device or worker. */
export function isEngineLoss(error: unknown): error is AppError {
	return error instanceof AppError && CODES.has(error.code);
}

/** True where the compute engine itself is gone; a lost device it opens anew by itself. */
export function isCrash(error: unknown): boolean {
	return error instanceof AppError && error.code === 'worker-crashed';
}
