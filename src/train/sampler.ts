/**
 * Which pairs a step trains on: a pure function of (seed, step), so that a resumed run needs no stored position.
 *
 * Each epoch is its own seeded permutation, cut into micro-batches as transformers does: the last one of an epoch may be
 * smaller, and so may be the last step's number of micro-batches.
 */
import { rng } from '#core/math/rng.ts';

export interface SamplerPlan {
	/** Pairs in the training set, ≥ 1. */
	pairs: number;
	/** Pairs a micro-batch. */
	batchPairs: number;
	/** Micro-batches a step. */
	accumulationSteps: number;
	seed: number;
	/** `sequential` keeps the order of the set in every epoch: for comparison with recorded courses. */
	order: 'shuffled' | 'sequential';
}

export interface StepSample {
	/** Micro-batches of pair indices. */
	microBatches: readonly (readonly number[])[];
	/** Epochs done when this step is done, fractional. */
	epoch: number;
}

/** Optimiser steps an epoch. */
export function stepsPerEpoch(plan: SamplerPlan): number {
	return Math.ceil(Math.ceil(plan.pairs / plan.batchPairs) / plan.accumulationSteps);
}

/** A sampler that remembers the permutation of the epoch it is in. @param plan see {@link SamplerPlan} */
export function sampler(plan: SamplerPlan): (step: number) => StepSample {
	const perEpoch = stepsPerEpoch(plan);
	let known: { epoch: number; order: readonly number[] } | null = null;
	return (step) => {
		const epoch = Math.floor((step - 1) / perEpoch);
		if (known?.epoch !== epoch) known = { epoch, order: epochOrder(plan, epoch) };
		const perStep = plan.batchPairs * plan.accumulationSteps;
		const start = ((step - 1) % perEpoch) * perStep;
		const taken = known.order.slice(start, start + perStep);
		const microBatches: number[][] = [];
		for (let i = 0; i < taken.length; i += plan.batchPairs)
			microBatches.push(taken.slice(i, i + plan.batchPairs));
		return { microBatches, epoch: epoch + (start + taken.length) / plan.pairs };
	};
}

function epochOrder(plan: SamplerPlan, epoch: number): readonly number[] {
	const all = Array.from({ length: plan.pairs }, (_, i) => i);
	return plan.order === 'sequential' ? all : rng(plan.seed).fork(`epoch ${epoch}`).shuffle(all);
}
