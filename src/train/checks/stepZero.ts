/** Step 0: with an untrained adapter (B = 0) the loss is the objective's known value and the margin is 0. */
import type { StepZeroOutcome } from '#core/checks/check.ts';
import { asAppError } from '#core/errors.ts';
import { initialParams } from '#model/lora.ts';
import { checkStepZero, stepLogps } from '../metrics.ts';
import { untrainedValues } from '../values.ts';
import { batchOf, mark, plainStep, withParams, type CheckBench } from './bench.ts';

const PAIRS = 8;

export async function checkFirstLoss(bench: CheckBench): Promise<StepZeroOutcome> {
	const { runner, lora, recipe } = bench;
	await mark(bench, 0, 2);
	const batch = await batchOf(bench, PAIRS);
	await mark(bench, 1, 2);
	const untrained = initialParams(lora, recipe.lora.seed);
	const policy = await withParams(bench, untrained, (binding) => runner.logps(batch.packed, binding));
	const { objective, values } = plainStep(bench, batch, { step: 1, lr: 0 });
	const about = { check: 'step-zero', pairs: Math.min(PAIRS, bench.pairs.length) } as const;
	try {
		return {
			...about,
			passed: true,
			...checkStepZero(objective, untrainedValues(values), stepLogps([batch], [policy])),
		};
	} catch (thrown) {
		const { code, context } = asAppError(thrown);
		if (code !== 'step-zero-check') throw thrown;
		const { loss, expectedLoss, margin } = context;
		return {
			...{ ...about, passed: false },
			loss: Number(loss),
			expectedLoss: Number(expectedLoss),
			margin: Number(margin),
		};
	}
}
