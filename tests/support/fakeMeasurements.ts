/** Plans and measurements of the double of the compute engine: numbers that a test can name. */
import type { TrainPlan } from '#core/device/report.ts';
import { Cancelled } from '#core/errors.ts';
import type { PairGradient } from '#core/loss/pairGradient.ts';
import type { ComputeEngine } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';

/** Each answer rises by 1 through chosen and falls by 2 through rejected, per step. */
export const fakeSpan: ComputeEngine['attributeSpan'] = async ({ from, to, probes }, onProgress, signal) => {
	const steps = to - from + 1;
	onProgress({ phase: 'Measuring the steps', done: 0, total: steps });
	await Promise.resolve();
	if (signal.aborted) throw new Cancelled();
	const change = { chosen: steps, rejected: -2 * steps, earlier: 0, total: -steps };
	return { from, to, pairs: probes.map((pairId) => ({ pairId, chosen: change, rejected: change })) };
};

/** The later a pair is in the list, the more it harms. */
export const fakePairGradients: ComputeEngine['pairGradients'] = async (job, onPair, signal) => {
	const measured: PairGradient[] = [];
	const step = job.adapter?.step ?? 0;
	const rewards = { loss: 1 - step / 100, chosen: step / 10, rejected: -step / 10 };
	for (const [i, { id }] of job.pairs.entries()) {
		await Promise.resolve();
		if (signal.aborted) throw new Cancelled();
		const effect = job.heldOut.length === 0 ? null : i - 1;
		const one = { pairId: id, ...rewards, gradNorm: i + 1, effect };
		measured.push(one);
		onPair(one);
	}
	return measured;
};

export function fakePlan(pairs: number, { training }: Recipe): TrainPlan {
	return {
		pairs,
		stepsPerEpoch: Math.ceil(pairs / training.batchPairs),
		trainableParameters: 8,
		tokensPerStep: 64,
		truncated: 0,
		dropped: 0,
		estimatedBytes: 4.2e7,
		memory: { activations: 'keep', automatic: true, budgetBytes: 4e9, estimates: {}, peakBytes: null },
	};
}
