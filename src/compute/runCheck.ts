/** One check of a run, on the run's reference model with the first of its pairs. */
import type { CheckJob, CheckOutcome } from '#core/checks/check.ts';
import { tokenizePairs, type TextTools } from '#core/batch/tokenize.ts';
import { AppError } from '#core/errors.ts';
import type { Progress } from '#core/ports.ts';
import type { Decoder } from '#model/decoder.ts';
import { deviceLora } from '#model/lora.ts';
import { checkAdapterOff } from '#train/checks/adapterOff.ts';
import type { CheckBench } from '#train/checks/bench.ts';
import { checkGradient } from '#train/checks/gradient.ts';
import { checkOverfit } from '#train/checks/overfit.ts';
import { checkFirstLoss } from '#train/checks/stepZero.ts';
import { StepRunner } from '#train/step.ts';
import { referenceModel } from './beginning.ts';

const CHECKS: Readonly<Record<CheckJob['check'], (bench: CheckBench) => Promise<CheckOutcome>>> = {
	'step-zero': checkFirstLoss,
	'adapter-off': checkAdapterOff,
	gradient: checkGradient,
	overfit: checkOverfit,
};

/** Pairs that are tokenised: more than any check uses, because some may be unusable. */
const PAIRS = 32;

/** @throws AppError `check-no-pairs` · Cancelled */
export async function runCheck(
	decoder: Decoder,
	tools: TextTools,
	job: CheckJob,
	onProgress: (progress: Progress) => void,
	signal: AbortSignal,
): Promise<CheckOutcome> {
	const { recipe } = job;
	const maxLength = Math.min(recipe.training.maxLength, decoder.positions);
	const { pairs } = tokenizePairs(job.pairs.slice(0, PAIRS), tools, maxLength);
	if (pairs.length === 0) {
		throw new AppError('There is no pair to check with.', {
			code: 'check-no-pairs',
			hint: 'Let the run make its pairs first, or import some.',
		});
	}
	const reference = referenceModel(decoder, job);
	try {
		const { model } = reference;
		const lora = deviceLora(model.config, recipe.lora);
		const runner = new StepRunner(model);
		return await CHECKS[job.check]({ runner, lora, recipe, pairs, onProgress, signal });
	} finally {
		reference.dispose();
	}
}
