/** The error for a run that another tab works on. */
import { AppError } from '#core/errors.ts';

export function runLocked(name: string): AppError {
	return new AppError(`${name} is running in another tab.`, {
		code: 'run-elsewhere',
		hint: 'Look at it there, or stop it there and resume it here: two tabs would overwrite each other.',
	});
}
