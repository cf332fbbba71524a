/** The step with stock tfjs operations and its own automatic differentiation. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { at } from '#core/math/at.ts';
import { padPairs } from '../workloads/padded.ts';
import { batchOf, type BenchEngine, type Workload } from '../workloads/workload.ts';
import { stockBatch, stockLogps, stockModel, type StockBatch } from './stockModel.ts';

/** Uses the current backend. */
export function tfjsStock(workload: Workload): BenchEngine {
	const model = stockModel(workload);
	const { variables } = model;
	const batches = workload.batches.map((pairs) => {
		const batch = stockBatch(workload, padPairs(pairs));
		return { batch, reference: tf.tidy(() => stockLogps(model, batch, false)) };
	});
	const lossOf = (batch: StockBatch, reference: tf.Tensor1D): tf.Scalar => {
		const logratios = tf.sub(stockLogps(model, batch, true), reference);
		const [chosen, rejected] = tf.split(tf.mul(logratios, workload.beta), 2) as [tf.Tensor1D, tf.Tensor1D];
		return tf.mean(tf.add(tf.sub(1, tf.sigmoid(chosen)), tf.sigmoid(rejected)));
	};
	const adamW = makeAdamW(workload, variables);
	let step = 0;
	return {
		step: async () => {
			step++;
			const { batch, reference } = batchOf(batches, step);
			const loss = tf.tidy(() => {
				const { value, grads } = tf.variableGrads(() => lossOf(batch, reference), [...variables]);
				adamW(grads, step);
				return value;
			});
			const [value = NaN] = await loss.data();
			loss.dispose();
			// The loss is ready before the update, so this also waits for the last weight.
			await variables.at(-1)?.data();
			return value;
		},
		// The page is closed together with this engine, which frees the backend's memory.
		dispose: () => tf.disposeVariables(),
	};
}

/** AdamW with bias correction and, if the workload asks for it, clipping by the global norm. */
function makeAdamW(
	{ optimiser, learningRate }: Workload,
	variables: readonly tf.Variable[],
): (grads: tf.NamedTensorMap, step: number) => void {
	const { beta1, beta2, eps, weightDecay, maxGradNorm } = optimiser;
	const zeros = () => variables.map((variable) => tf.variable(tf.zerosLike(variable), false));
	const m = zeros();
	const v = zeros();
	return (grads, step) => {
		const lr = learningRate(step);
		const list = clipped(
			variables.map(({ name }) => {
				const grad = grads[name];
				if (grad === undefined) throw new Error(`${name} got no gradient.`);
				return grad;
			}),
			maxGradNorm,
		);
		variables.forEach((variable, i) => {
			const [grad, mi, vi] = [at(list, i), at(m, i), at(v, i)];
			mi.assign(tf.add(tf.mul(mi, beta1), tf.mul(grad, 1 - beta1)));
			vi.assign(tf.add(tf.mul(vi, beta2), tf.mul(tf.square(grad), 1 - beta2)));
			const direction = tf.div(
				tf.div(mi, 1 - beta1 ** step),
				tf.add(tf.sqrt(tf.div(vi, 1 - beta2 ** step)), eps),
			);
			variable.assign(tf.sub(tf.mul(variable, 1 - lr * weightDecay), tf.mul(direction, lr)));
		});
	};
}

/**
 * torch's clip_grad_norm_: multiplies by max / (norm + 1e-6), never above 1.
 *
 * Squares are added in pairs: tfjs's addN binds all of them at once, which exceeds WebGPU's limits, and its
 * result is then zero.
 */
function clipped(grads: readonly tf.Tensor[], maxGradNorm: number): readonly tf.Tensor[] {
	if (maxGradNorm === 0) return grads;
	const squares = grads.map((grad) => tf.sum(tf.square(grad)));
	const norm = tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square)));
	const factor = tf.minimum(1, tf.div(maxGradNorm, tf.add(norm, 1e-6)));
	return grads.map((grad) => tf.mul(grad, factor));
}
