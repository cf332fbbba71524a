/** Reasons why a second model cannot revise, judge or answer here, each with the way out. */
import { AppError, asAppError, Cancelled, DeviceError } from '#core/errors.ts';
import { wantedModel } from '#core/model/keptId.ts';
import { isEngineLoss } from './engineLoss.ts';

const OTHERWISE = 'or choose the built-in one or an endpoint';

/** @param known ids that can be chosen */
export function unknownSecondModel(id: string, known: readonly string[]): AppError {
	const wanted = wantedModel(id);
	const context = { model: id };
	if (wanted === null)
		return new AppError(`This page knows no second model “${id}”, which the recipe names.`, {
			code: 'second-model-unknown',
			hint: `Choose one of: ${known.join(', ')}; ${OTHERWISE}.`,
			context,
		});
	const again = wanted.address === null ? 'choose the same file or folder again' : `add ${wanted.address}`;
	return new AppError(`The recipe names ${wanted.name}, which is not kept in this browser.`, {
		code: 'second-model-unknown',
		hint: `Open Models in the recipe and ${again}; ${OTHERWISE}.`,
		context,
	});
}

export function needsWebGpu(title: string): AppError {
	return new AppError(`${title} works only with WebGPU, which this browser does not give the page.`, {
		code: 'second-model-webgpu',
		hint: `Choose a model that is kept in this browser, which also runs on the processor; ${OTHERWISE}.`,
	});
}

/** The GPU has room for one of them, and a run uses it. */
export function engineHeld(title: string): AppError {
	return new AppError(`${title} cannot be loaded now: other work uses the engines.`, {
		code: 'second-model-waits',
		hint: 'Wait until it is done, or stop it; then ask again.',
	});
}

export function secondModelAtWork(title: string): AppError {
	return new AppError(`${title} is at work, and the model that learns made room for it.`, {
		code: 'second-model-at-work',
		hint: 'Wait until it is done: a run then loads its model again by itself.',
	});
}

/** @param memoryBytes that the model takes; null if unknown */
export function loadingFailed(thrown: unknown, title: string, memoryBytes: number | null): Error {
	const error = asAppError(thrown);
	if (error instanceof Cancelled) return error;
	if (isEngineLoss(error)) {
		const takes = memoryBytes === null ? '' : `, which takes about ${(memoryBytes / 1e9).toFixed(1)} GB`;
		return new DeviceError(`The graphics processor was lost while ${title} was loaded${takes}.`, {
			code: 'second-model-memory',
			hint: `Most often its memory is too small. Close other tabs and programs that use it, then resume; or choose a smaller model, ${OTHERWISE}.`,
			cause: error,
		});
	}
	// As an error of this machine: a remote error in this phase would be read as one of an endpoint.
	if (error.kind === 'remote')
		return new AppError(`${title} could not be loaded. ${error.message}`, {
			code: 'second-model-files',
			hint: `Try again with the network: it continues with the files that are here already; ${OTHERWISE}.`,
			context: error.context,
			cause: error,
		});
	return error;
}
