/**
 * Overfit eight pairs: a model with an adapter can learn eight pairs by heart, so a run that cannot has a fault in its data, its recipe
 * or its gradients.
 */
import type { OverfitOutcome } from '#core/checks/check.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import { pairsOf } from '#core/batch/segments.ts';
import { segmentGradients, type SegmentLogps } from '#core/loss/batchLoss.ts';
import { at } from '#core/math/at.ts';
import { bindLora, initialParams } from '#model/lora.ts';
import { createBuffers, disposeBuffers } from '../buffers.ts';
import { lossMetrics, stepLogps } from '../metrics.ts';
import type { MicroBatch, StepOptions } from '../step.ts';
import { untrainedValues, withDrift } from '../values.ts';
import { batchOf, mark, plainStep, type CheckBench } from './bench.ts';

const PAIRS = 8;
const MOST_STEPS = 100;
/**
 * A pair is learned if its log-ratio margin is at least this, in nats: the chosen answer gained a factor e over the rejected one. For
 * objectives that do not read the rejected answer, the chosen one must gain half of it.
 */
const LEARNED = 1;

/** @param mostSteps a check that has not learned all pairs by then fails */
export async function checkOverfit(bench: CheckBench, mostSteps = MOST_STEPS): Promise<OverfitOutcome> {
	const { lora, recipe, runner } = bench;
	const batch = await batchOf({ ...bench, pairs: bench.pairs.filter(differs) }, PAIRS);
	const params = initialParams(lora, recipe.lora.seed);
	const zeros = (): Float32Array => new Float32Array(params.length);
	const buffers = createBuffers({ params, m: zeros(), v: zeros() });
	try {
		const binding = bindLora(lora, buffers.params);
		const losses: number[] = [];
		let learned = 0;
		for (let step = 1; ; step++) {
			await mark(bench, step - 1, mostSteps);
			const options = plainStep(bench, batch, { step, lr: recipe.optimiser.learningRate });
			const { logps, kl } = await runner.step(buffers, binding, [batch], options);
			const state = stepLogps([batch], logps);
			losses.push(lossMetrics(options.objective, withDrift(options.values, kl), state).metrics.loss);
			learned = countLearned(batch, options, state);
			if (learned < pairsOf(state.segments).length && step <= mostSteps) continue;
			const [lossBefore = NaN] = losses;
			const pairs = pairsOf(state.segments).length;
			const passed = learned === pairs;
			const lossAfter = losses.at(-1) ?? NaN;
			return { check: 'overfit', pairs, passed, learned, steps: step - 1, lossBefore, lossAfter };
		}
	} finally {
		disposeBuffers(buffers);
	}
}

/** A pair of two equal answers has nothing to learn. */
function differs({ chosenIds, rejectedIds }: TokenizedPair): boolean {
	return chosenIds.join() !== rejectedIds.join();
}

/** Pairs that are learned before the step's update. */
function countLearned(
	{ reference }: MicroBatch,
	{ objective, values }: StepOptions,
	state: SegmentLogps,
): number {
	const start = { ...state, policy: reference };
	const slopes = segmentGradients(objective, untrainedValues(values), start);
	const ratio = (s: number): number => at(state.policy, s) - at(reference, s);
	return pairsOf(state.segments).filter(({ chosen, rejected }) =>
		at(slopes, rejected) === 0 ? ratio(chosen) >= LEARNED / 2 : ratio(chosen) - ratio(rejected) >= LEARNED,
	).length;
}
