/**
 * The gradient against finite differences on the user's own device.
 *
 * At a random adapter θ, the loss is replaced by its linear form f(θ) = Σ wₛ·log πₛ(θ), with wₛ = ∂L/∂log πₛ in f64 at θ: it has the
 * same gradient, and detached statistics of a step stay constant. For each half of each module, a random direction d (all entries ±1)
 * gives two numbers for the same slope: Σ gᵢdᵢ from the device's backward pass, and (f(θ + εd) − f(θ − εd)) / 2ε from its forward
 * pass. Three signs in four agree with gᵢ, so that the slope is far above rounding; the others test entries that g may miss.
 */
import type { DirectionOutcome, GradientOutcome } from '#core/checks/check.ts';
import { segmentGradients } from '#core/loss/batchLoss.ts';
import { examplesOf } from '#core/batch/segments.ts';
import { at } from '#core/math/at.ts';
import { rng, type Rng } from '#core/math/rng.ts';
import { flush, readLater } from '#engine/memory.ts';
import { bindLora } from '#model/lora.ts';
import { createBuffers, disposeBuffers } from '../buffers.ts';
import { stepLogps } from '../metrics.ts';
import type { MicroBatch } from '../step.ts';
import { withDrift } from '../values.ts';
import { batchOf, mark, plainStep, withParams, type CheckBench } from './bench.ts';
import { indicesOf, randomParams, type Part } from './randomParams.ts';

const PAIRS = 2;
const SEED = 1;
/** Share of the signs that agree with the gradient. */
const AGREE = 0.75;
/** Mean change of a completion's log-probability along a direction, nats: a thousand times its f32 rounding, and still nearly linear. */
const CHANGE = 0.02;
/** Largest change of a parameter. */
const MOST = 0.02;
/**
 * Largest relative difference of the two slopes. Rounding of log-probabilities in f32 and the curvature along ε together stay below a
 * tenth of it in the project's tests, on every backend; a wrong sign gives 2, a missing factor of two 0.5.
 */
export const TOLERANCE = 0.02;

export async function checkGradient(bench: CheckBench): Promise<GradientOutcome> {
	const { lora, recipe } = bench;
	const parts = recipe.lora.targetModules.flatMap((module): Part[] => [
		{ module, side: 'A' },
		{ module, side: 'B' },
	]);
	const batch = await batchOf(bench, PAIRS);
	const params = randomParams(lora, SEED);
	await mark(bench, 0, parts.length);
	const gradient = await gradientAt(bench, batch, params);
	const random = rng(SEED);
	const directions: DirectionOutcome[] = [];
	for (const part of parts) {
		const indices = indicesOf(lora, part);
		const direction = directionOf(indices, gradient.values, random.fork(`${part.module} ${part.side}`));
		const slope = indices.reduce((sum, i, n) => sum + at(direction, n) * at(gradient.values, i), 0);
		const total = gradient.weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
		const epsilon = Math.min(MOST, (CHANGE * total) / Math.abs(slope));
		const moved = (sign: number): Promise<number> => {
			const point = params.slice();
			for (const [n, i] of indices.entries()) point[i] = at(point, i) + sign * epsilon * at(direction, n);
			return linearForm(bench, batch, point, gradient.weights);
		};
		const measured = ((await moved(1)) - (await moved(-1))) / (2 * epsilon);
		directions.push({
			part: `${part.module} ${part.side}`,
			gradient: slope,
			measured,
			passed: agrees(slope, measured),
		});
		await mark(bench, directions.length, parts.length);
	}
	return {
		check: 'gradient',
		pairs: Math.min(PAIRS, bench.pairs.length),
		passed: directions.every(({ passed }) => passed),
		directions,
		largest: Math.max(...directions.map(({ gradient: slope, measured }) => difference(slope, measured))),
		tolerance: TOLERANCE,
	};
}

/** ∂L/∂θ by the device's backward pass, and ∂L/∂log π of each completion in f64. */
async function gradientAt(
	bench: CheckBench,
	batch: MicroBatch,
	params: Float32Array,
): Promise<{ values: Float32Array; weights: readonly number[] }> {
	const zeros = (): Float32Array => new Float32Array(params.length);
	const buffers = createBuffers({ params, m: zeros(), v: zeros() });
	try {
		const options = plainStep(bench, batch, { step: 1, lr: 0 });
		const binding = bindLora(bench.lora, buffers.params);
		const { logps, kl } = await bench.runner.step(buffers, binding, [batch], options);
		const reading = readLater(buffers.grads);
		flush();
		const values = await reading;
		const state = stepLogps([batch], logps);
		const examples = examplesOf(state.segments).length;
		const slopes = segmentGradients(options.objective, withDrift(options.values, kl), state);
		return { values, weights: [...slopes].map((slope) => slope / examples) };
	} finally {
		disposeBuffers(buffers);
	}
}

/** Σ wₛ·log πₛ */
async function linearForm(
	bench: CheckBench,
	{ packed }: MicroBatch,
	params: Float32Array,
	weights: readonly number[],
): Promise<number> {
	const logps = await withParams(bench, params, (binding) => bench.runner.logps(packed, binding));
	return weights.reduce((sum, weight, s) => sum + weight * at(logps, s), 0);
}

function directionOf(indices: readonly number[], gradient: Float32Array, random: Rng): number[] {
	return indices.map((i) => {
		const sign = at(gradient, i) < 0 ? -1 : 1;
		return random.next() < AGREE ? sign : -sign;
	});
}

const difference = (a: number, b: number): number =>
	a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));

/** NaN agrees with nothing. */
const agrees = (gradient: number, measured: number): boolean => difference(gradient, measured) <= TOLERANCE;
