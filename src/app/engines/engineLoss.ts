/** Losses that end an engine but not the run: the device or the worker is gone, or another run restarted the engine. */
import { AppError } from '#core/errors.ts';

const CODES: ReadonlySet<string> = new Set([
	'device-lost',
	'worker-died',
	'worker-crashed',
	'engine-restarted',
	// The engine was restarted after this run had loaded its model.
	'model-not-loaded',
	'webllm-no-model',
]);

/** True if the work under way is over and can be continued with a new device or worker. */
export function isEngineLoss(error: unknown): boolean {
	return error instanceof AppError && CODES.has(error.code);
}

/** True if the compute engine itself is gone; after a lost device it opens another by itself. */
export function isCrash(error: unknown): boolean {
	return error instanceof AppError && error.code === 'worker-crashed';
}

/** The loss that a call reports if its engine was disposed of before it ended. */
export function engineRestarted(cause?: unknown): AppError {
	return new AppError('The engine was restarted before it had answered.', {
		code: 'engine-restarted',
		hint: 'Load the model again.',
		...(cause === undefined ? {} : { cause }),
	});
}
