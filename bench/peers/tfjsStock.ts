/** The step with stock tfjs operations and its own automatic differentiation: what one would write first. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import {
	makeProblem,
	OPTIMISER,
	PROJECTIONS,
	rotaryTables,
	SIZE,
	type BenchEngine,
	type ProjectionName,
} from '../problem.ts';

interface Projection {
	weight: tf.Tensor2D;
	a: tf.Variable;
	b: tf.Variable;
}
type Layer = Record<ProjectionName, Projection>;

const { hidden, heads, headDim, tokens, pairs, vocab, rank, scaling } = SIZE;
const B = 2 * pairs;

/** Uses whatever backend is current. */
export function tfjsStock(): BenchEngine {
	const problem = makeProblem();
	const layers = problem.layers.map(
		(layer) =>
			Object.fromEntries(
				PROJECTIONS.map(({ name, inputs, outputs }) => [
					name,
					{
						weight: tf.tensor2d(layer[name].weight, [inputs, outputs]),
						a: tf.variable(tf.tensor2d(layer[name].a, [inputs, rank])),
						b: tf.variable(tf.tensor2d(layer[name].b, [rank, outputs])),
					},
				]),
			) as unknown as Layer,
	);
	const constants = makeConstants(problem);
	const variables = layers.flatMap((layer) => Object.values(layer).flatMap(({ a, b }) => [a, b]));
	const reference = tf.tidy(() => sequenceLogps(constants, layers, false));
	const lossOf = (): tf.Scalar => {
		const logratios = tf.sub(sequenceLogps(constants, layers, true), reference);
		const [chosen, rejected] = tf.split(tf.mul(logratios, OPTIMISER.beta), 2) as [tf.Tensor1D, tf.Tensor1D];
		return tf.mean(tf.add(tf.sub(1, tf.sigmoid(chosen)), tf.sigmoid(rejected)));
	};
	const adamW = makeAdamW(variables);
	return {
		step: async () => {
			const loss = tf.tidy(() => {
				const { value, grads } = tf.variableGrads(lossOf, variables);
				adamW(grads);
				return value;
			});
			const [value = NaN] = await loss.data();
			loss.dispose();
			// The loss is ready before the update is: wait for the last weight too.
			await variables.at(-1)?.data();
			return value;
		},
		dispose: () => {
			tf.disposeVariables();
			tf.dispose([
				reference,
				...Object.values(constants),
				...layers.flatMap((l) => Object.values(l).map((p) => p.weight)),
			]);
		},
	};
}

function makeConstants({ embedding, ids, labels, mask }: ReturnType<typeof makeProblem>) {
	const { cos, sin } = rotaryTables();
	const causal = Float32Array.from({ length: tokens * tokens }, (_, i) =>
		i % tokens > Math.floor(i / tokens) ? -1e9 : 0,
	);
	return {
		embedding: tf.tensor2d(embedding, [vocab, hidden]),
		ids: tf.tensor2d(ids, [B, tokens], 'int32'),
		labels: tf.tensor1d(labels, 'int32'),
		mask: tf.tensor2d(mask, [B, tokens]),
		cos: tf.tensor2d(cos, [tokens, headDim]),
		sin: tf.tensor2d(sin, [tokens, headDim]),
		causal: tf.tensor2d(causal, [tokens, tokens]),
	};
}
type Constants = ReturnType<typeof makeConstants>;

const rmsNorm = (x: tf.Tensor2D): tf.Tensor2D =>
	tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), SIZE.rmsNormEps)));

function linear(x: tf.Tensor2D, { weight, a, b }: Projection, adapter: boolean): tf.Tensor2D {
	const y = tf.matMul<tf.Tensor2D>(x, weight);
	if (!adapter) return y;
	return tf.add<tf.Tensor2D>(
		y,
		tf.mul(tf.matMul(tf.matMul(x, a as unknown as tf.Tensor2D), b as unknown as tf.Tensor2D), scaling),
	);
}

function rotate(x: tf.Tensor4D, { cos, sin }: Constants): tf.Tensor4D {
	const [first, second] = tf.split<tf.Tensor4D>(x, 2, -1) as [tf.Tensor4D, tf.Tensor4D];
	return tf.add(tf.mul(x, cos), tf.mul(tf.concat([tf.neg(second), first], -1), sin));
}

const splitHeads = (x: tf.Tensor2D): tf.Tensor4D =>
	tf.transpose(tf.reshape(x, [B, tokens, heads, headDim]), [0, 2, 1, 3]);

function block(x: tf.Tensor2D, layer: Layer, c: Constants, adapter: boolean): tf.Tensor2D {
	const normed = rmsNorm(x);
	const q = rotate(splitHeads(linear(normed, layer.q, adapter)), c);
	const k = rotate(splitHeads(linear(normed, layer.k, adapter)), c);
	const v = splitHeads(linear(normed, layer.v, adapter));
	const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(headDim)), c.causal);
	const mixed = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]);
	const attended = tf.add<tf.Tensor2D>(x, linear(tf.reshape(mixed, [B * tokens, hidden]), layer.o, adapter));
	const normed2 = rmsNorm(attended);
	const gate = linear(normed2, layer.gate, adapter);
	const activated = tf.mul<tf.Tensor2D>(tf.mul(gate, tf.sigmoid(gate)), linear(normed2, layer.up, adapter));
	return tf.add(attended, linear(activated, layer.down, adapter));
}

/** [2 · pairs], summed over completion tokens. */
function sequenceLogps(c: Constants, layers: readonly Layer[], adapter: boolean): tf.Tensor1D {
	let x = tf.reshape<tf.Rank.R2>(tf.gather(c.embedding, c.ids), [B * tokens, hidden]);
	for (const layer of layers) x = block(x, layer, c, adapter);
	const logits = tf.matMul(rmsNorm(x), c.embedding, false, true);
	const target = tf.sum(tf.mul(logits, tf.oneHot(c.labels, vocab)), -1);
	const logps = tf.reshape(tf.sub(target, tf.logSumExp(logits, -1)), [B, tokens]);
	return tf.sum(tf.mul(logps, c.mask), 1);
}

function makeAdamW(variables: readonly tf.Variable[]): (grads: tf.NamedTensorMap) => void {
	const { lr, beta1, beta2, eps, weightDecay } = OPTIMISER;
	const zeros = () => variables.map((variable) => tf.variable(tf.zerosLike(variable), false));
	const m = zeros();
	const v = zeros();
	let step = 0;
	return (grads) => {
		step++;
		variables.forEach((variable, i) => {
			const [grad, mi, vi] = [grads[variable.name], m[i], v[i]];
			if (grad === undefined || mi === undefined || vi === undefined) return;
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
