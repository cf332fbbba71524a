/** Which engine answers, how it applies the adapter, and the memory of WebLLM's copy, in words. */
import { adapterPlacement, largestRank } from '#core/adapter/placement.ts';
import { byteSize } from '#core/format/byteSize.ts';
import type { DeviceReport } from '#core/device/report.ts';
import type { ModelLibrary } from '#core/model/model.ts';
import { hasFeatures, PREBUILT_HOST } from '#core/model/prebuilt/prebuiltLibrary.ts';
import type { TrainingRoom } from '#core/model/trainingRoom.ts';

/** The engine of base and tuned answers, and why. */
export function adapterWords(library: ModelLibrary, rank: number): string {
	const most = largestRank(library);
	switch (adapterPlacement(library, rank)) {
		case 'beside':
			return 'WebLLM answers; the adapter is written beside its weights.';
		case 'merged':
			return `WebLLM answers; its library has room for rank ${most}, so the adapter of rank ${rank} is merged into the weights${rounding(library)}.`;
		case 'compute':
			if (library.place === 'prebuilt')
				return 'WebLLM answers as the base model, with a library of its own that takes no adapter. The engine that trains answers as the tuned model, and as both for the scores.';
			return `WebLLM answers as the base model. Its library has room for rank ${most}, and an adapter cannot be merged into 4-bit weights, so the engine that trains answers as the tuned model.`;
	}
}

function rounding(library: ModelLibrary): string {
	return library.place === 'page' ? `, which are rounded to ${library.compiled.weights}` : '';
}

/** Shown before and while a run trains without WebLLM's copy. */
export function freedWords({ copy, training, budget }: TrainingRoom): string {
	return `Training takes ${byteSize(training)} and WebLLM’s copy of the weights ${byteSize(copy)}, together more than the ${byteSize(budget)} that a page may take here. WebLLM’s copy is freed while the model trains, the engine that trains answers meanwhile, and the copy is loaded again afterwards.`;
}

/** WebLLM's share of a model's memory, after the memory of the engine that trains. */
export function copyWords(room: TrainingRoom | null): string {
	if (room === null) return 'one engine answers and trains';
	const copy = byteSize(room.copy);
	const taken = `WebLLM’s copy takes ${copy} more`;
	return room.fitsBoth ? taken : `${taken} and is freed while the model trains`;
}

/** How a model that is not added yet would be answered here. */
export function libraryWords(
	library: ModelLibrary | null,
	device: DeviceReport | null,
	room: TrainingRoom | null,
): string {
	if (device?.backend !== 'webgpu') return 'One engine answers and trains: WebLLM needs WebGPU.';
	if (library === null)
		return 'One engine answers and trains: WebLLM has no compiled library for a model of these sizes.';
	if (library.place !== 'prebuilt')
		return `WebLLM answers, with a compiled library, and our engine trains; ${copyWords(room)}.`;
	if (!hasFeatures(library.prebuilt, device.features))
		return 'One engine answers and trains: WebLLM’s library for these sizes needs shader-f16, which this graphics processor lacks.';
	return `WebLLM answers as the base model, with a library of its own (a few MB from ${PREBUILT_HOST}, once) that takes no adapter; our engine trains and answers as the tuned model; ${copyWords(room)}.`;
}
