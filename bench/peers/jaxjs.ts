/**
 * The step in jax-js, all of it (loss, gradient, AdamW) under one `jit`, as its documentation recommends.
 *
 * jax-js frees an array after its use; `.ref` keeps it for one more use.
 */
import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad, type Device } from '@jax-js/jax';
import {
	makeProblem,
	OPTIMISER,
	PROJECTIONS,
	rotaryTables,
	SIZE,
	type Problem,
	type ProjectionName,
} from '../workloads/problem.ts';
import type { BenchEngine } from '../workloads/workload.ts';

type Arr = np.Array;
type Lora = Record<`${ProjectionName}${'A' | 'B'}`, Arr>;
type Frozen = Record<ProjectionName, Arr>;
interface Base {
	layers: Frozen[];
	embedding: Arr;
	cos: Arr;
	sin: Arr;
}
interface Data {
	x0: Arr;
	oneHot: Arr;
	mask: Arr;
}

const { hidden, heads, headDim, tokens, pairs, vocab, rank, scaling, layers: L } = SIZE;
const B = 2 * pairs;
const array = (values: Float32Array<ArrayBuffer>, shape: number[]): Arr => np.array(values).reshape(shape);

export async function jaxJs(device: Device): Promise<BenchEngine> {
	const available = await init(device);
	if (!available.includes(device)) throw new Error(`jax-js offers no ${device} here.`);
	defaultDevice(device);
	const problem = makeProblem();
	const base = makeBase(problem);
	const data = makeData(problem);
	let lora = makeLora(problem);
	const zeros = (): Lora[] =>
		lora.map(
			(layer) => Object.fromEntries(Object.entries(layer).map(([k, v]) => [k, np.zeros(v.shape)])) as Lora,
		);
	let m = zeros();
	let v = zeros();
	const reference = jit((b: Base, d: Data) => {
		const logps = sequenceLogps(null, b, d);
		tree.dispose(b);
		tree.dispose(d);
		return logps;
	})(tree.ref(base), tree.ref(data));
	const update = jit(trainStep);
	let step = 0;
	return {
		step: async () => {
			step++;
			const correction = (beta: number): Arr => np.array([1 / (1 - beta ** step)]);
			const out = update(
				lora,
				m,
				v,
				tree.ref(base),
				tree.ref(data),
				reference.ref,
				correction(OPTIMISER.beta1),
				correction(OPTIMISER.beta2),
			) as [Arr, Lora[], Lora[], Lora[]];
			[, lora, m, v] = out;
			const [loss = NaN] = (await out[0].data()) as Float32Array;
			// The loss is ready before the update, so this also waits for the last weight.
			await lora[L - 1]?.downB.ref.data();
			return loss;
		},
		dispose: () => {
			for (const kept of [base, data, lora, m, v, reference]) tree.dispose(kept);
		},
	};
}

function makeBase({ embedding, layers }: Problem): Base {
	const { cos, sin } = rotaryTables();
	return {
		layers: layers.map(
			(layer) =>
				Object.fromEntries(
					PROJECTIONS.map(({ name, inputs, outputs }) => [
						name,
						array(layer[name].weight as Float32Array<ArrayBuffer>, [inputs, outputs]),
					]),
				) as Frozen,
		),
		embedding: array(embedding as Float32Array<ArrayBuffer>, [vocab, hidden]),
		cos: array(cos as Float32Array<ArrayBuffer>, [1, tokens, 1, headDim]),
		sin: array(sin as Float32Array<ArrayBuffer>, [1, tokens, 1, headDim]),
	};
}

function makeLora({ layers }: Problem): Lora[] {
	return layers.map(
		(layer) =>
			Object.fromEntries(
				PROJECTIONS.flatMap(({ name, inputs, outputs }) => [
					[`${name}A`, array(layer[name].a as Float32Array<ArrayBuffer>, [inputs, rank])],
					[`${name}B`, array(layer[name].b as Float32Array<ArrayBuffer>, [rank, outputs])],
				]),
			) as Lora,
	);
}

/**
 * Embeddings are frozen, so they are gathered once on the host, which favours this peer: it has no fast
 * gather.
 */
function makeData({ embedding, ids, labels, mask }: Problem): Data {
	const x0 = new Float32Array(ids.length * hidden);
	ids.forEach((id, i) => x0.set(embedding.subarray(id * hidden, (id + 1) * hidden), i * hidden));
	const oneHot = new Float32Array(ids.length * vocab);
	labels.forEach((label, i) => (oneHot[i * vocab + label] = 1));
	return {
		x0: array(x0, [ids.length, hidden]),
		oneHot: array(oneHot, [ids.length, vocab]),
		mask: array(mask as Float32Array<ArrayBuffer>, [B, tokens]),
	};
}

function rmsNorm(x: Arr): Arr {
	const norm = np.sqrt(x.ref.mul(x.ref).mean(-1, { keepdims: true }).add(SIZE.rmsNormEps));
	return x.div(norm);
}

function linear(x: Arr, weight: Arr, a?: Arr, b?: Arr): Arr {
	if (a === undefined || b === undefined) return np.matmul(x, weight);
	return np.matmul(x.ref, weight).add(np.matmul(np.matmul(x, a), b).mul(scaling));
}

function rotate(x: Arr, cos: Arr, sin: Arr): Arr {
	const [first, second] = np.split(x.ref, 2, -1) as [Arr, Arr];
	return x.mul(cos).add(np.concatenate([second.mul(-1), first], -1).mul(sin));
}

function block(x: Arr, base: Base, frozen: Frozen, lora: Lora | null): Arr {
	const project = (input: Arr, name: ProjectionName): Arr =>
		lora === null
			? linear(input, frozen[name].ref)
			: linear(input, frozen[name].ref, lora[`${name}A`].ref, lora[`${name}B`].ref);
	const split = (y: Arr): Arr => y.reshape([B, tokens, heads, headDim]);
	const normed = rmsNorm(x.ref);
	const q = rotate(split(project(normed.ref, 'q')), base.cos.ref, base.sin.ref);
	const k = rotate(split(project(normed.ref, 'k')), base.cos.ref, base.sin.ref);
	const v = split(project(normed, 'v'));
	const mixed = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([B * tokens, hidden]);
	const attended = x.add(project(mixed, 'o'));
	const normed2 = rmsNorm(attended.ref);
	const gate = project(normed2.ref, 'gate');
	return attended.add(project(nn.silu(gate).mul(project(normed2, 'up')), 'down'));
}

function sequenceLogps(lora: Lora[] | null, base: Base, data: Data): Arr {
	let x = data.x0.ref;
	base.layers.forEach((frozen, i) => (x = block(x, base, frozen, lora?.[i] ?? null)));
	const logits = np.matmul(rmsNorm(x), base.embedding.ref.transpose());
	return nn
		.logSoftmax(logits, -1)
		.mul(data.oneHot.ref)
		.sum(-1)
		.reshape([B, tokens])
		.mul(data.mask.ref)
		.sum(1);
}

function lossOf(lora: Lora[], base: Base, data: Data, reference: Arr): Arr {
	const rewards = sequenceLogps(lora, base, data).sub(reference).mul(OPTIMISER.beta);
	const [chosen, rejected] = np.split(rewards, 2, 0) as [Arr, Arr];
	for (const used of [lora, base, data]) tree.dispose(used);
	return nn.sigmoid(chosen).mul(-1).add(1).add(nn.sigmoid(rejected)).mean();
}

function trainStep(
	lora: Lora[],
	m: Lora[],
	v: Lora[],
	base: Base,
	data: Data,
	reference: Arr,
	c1: Arr,
	c2: Arr,
) {
	const { lr, beta1, beta2, eps, weightDecay } = OPTIMISER;
	const [loss, grads] = valueAndGrad(lossOf)(tree.ref(lora), base, data, reference) as unknown as [
		Arr,
		Lora[],
	];
	const next = { lora: [] as Lora[], m: [] as Lora[], v: [] as Lora[] };
	lora.forEach((layer, i) => {
		const [lo, mo, vo] = [{} as Lora, {} as Lora, {} as Lora];
		for (const key of Object.keys(layer) as (keyof Lora)[]) {
			const [grad, mi, vi] = [grads[i]?.[key], m[i]?.[key], v[i]?.[key]];
			if (grad === undefined || mi === undefined || vi === undefined) continue;
			mo[key] = mi.mul(beta1).add(grad.ref.mul(1 - beta1));
			vo[key] = vi.mul(beta2).add(np.square(grad).mul(1 - beta2));
			const direction = mo[key].ref.mul(c1.ref).div(np.sqrt(vo[key].ref.mul(c2.ref)).add(eps));
			lo[key] = layer[key].mul(1 - lr * weightDecay).sub(direction.mul(lr));
		}
		next.lora.push(lo);
		next.m.push(mo);
		next.v.push(vo);
	});
	c1.dispose();
	c2.dispose();
	return [loss, next.lora, next.m, next.v];
}
