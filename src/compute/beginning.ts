/** A trainer on the reference model of its run: the loaded model, or its merged copy if the run begins from an adapter. */
import type { TrainJob } from '#core/ports.ts';
import { begunModel } from '#model/begunModel.ts';
import type { Decoder } from '#model/decoder.ts';

export interface ReferenceModel {
	model: Decoder;
	/** Frees the copies, if there are any. The loaded model stays. */
	dispose(): void;
}

/** @throws ShapeError `adapter-other-model` · AppError `begin-block-weights` */
export function referenceModel(
	decoder: Decoder,
	{ begin, recipe }: Pick<TrainJob, 'begin' | 'recipe'>,
): ReferenceModel {
	if (begin === undefined) return { model: decoder, dispose: () => undefined };
	return begunModel(decoder, begin, recipe.begin?.name ?? begin.id);
}
