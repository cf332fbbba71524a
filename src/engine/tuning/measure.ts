/**
 * Measures the variants briefly to choose among them, with the current model's shapes on the current device.
 *
 * Each variant of a shape runs a few times in one pass, timed by the GPU's own clock if it has one. The
 * variants take turns, and the smaller of two rounds counts. A time budget limits the measurement: shapes
 * that it does not reach run the usual variant and are measured next time.
 */
import type { KernelTimes, KernelVariant, Matmul } from '#core/device/kernels.ts';
import { shapeKey } from '#core/device/kernels.ts';
import { linear, linearGrad } from '../kernels/linear/linear.ts';
import { planChunks, recordDlogits, recordDlogitsHead } from '../kernels/targetLogps/backward.ts';
import { targetLogps } from '../kernels/targetLogps/targetLogps.ts';
import { recorder, type Recorder } from '../gpu/record.ts';
import { tensor1d, tensor2d, tidy, type Tensor1D, type Tensor2D } from '../tensor.ts';
import { weightShape, type Weight } from '../weight.ts';
import { FEW_ROWS } from '../gpu/variants.ts';

/** A product of the model and one of its weights. */
export interface TunedMatmul {
	readonly product: Matmul;
	readonly rows: 'few' | 'many';
	readonly weight: Weight;
}

/**
 * Rows to measure with, as in a step of eight pairs: with half of them, other tiles are faster on a GPU of
 * many cores.
 */
const MANY_ROWS = 1024;
const MANY_TARGETS = 768;
/** Target duration of a pass, so that the cost of a submit is negligible. */
const PASS_MS = 3;
const MOST_REPEATS = 32;
const ROUNDS = 2;
/** A pass this long needs no second measurement. */
const LONG_MS = 30;

/** Class of shapes of a product. */
export function shapeOf({ product, rows, weight }: TunedMatmul) {
	const [N, K] = weightShape(weight);
	const [outputs, inputs] = product === 'linearDx' || product === 'headGrad' ? [K, N] : [N, K];
	return { product, rows, outputs, inputs };
}

/**
 * Times every allowed variant of the products.
 *
 * @param budgetMs no further product is started after this time; compiling does not count
 * @returns        times of the products that were reached
 */
export async function measureMatmuls(
	products: readonly TunedMatmul[],
	budgetMs: number,
): Promise<KernelTimes> {
	const gpu = recorder();
	const cases = products.map((product) => ({
		key: shapeKey(shapeOf(product)),
		candidates: gpu.variants.candidates(product.product),
		...runnable(product),
	}));
	const times: Record<string, Partial<Record<KernelVariant, number>>> = {};
	try {
		await gpu.compile(() => {
			for (const { run, candidates } of cases)
				for (const variant of candidates) withVariant(gpu, variant, run);
		}).compiled;
		const start = performance.now();
		for (const { key, run, candidates } of cases) {
			if (performance.now() - start > budgetMs) break;
			times[key] = await timesOf(gpu, candidates, run);
		}
	} finally {
		for (const { free } of cases) free();
	}
	return times;
}

async function timesOf(
	gpu: Recorder,
	candidates: readonly KernelVariant[],
	run: () => void,
): Promise<Partial<Record<KernelVariant, number>>> {
	const best: Partial<Record<KernelVariant, number>> = {};
	const repeats: Partial<Record<KernelVariant, number>> = {};
	// Round 0 warms up and determines how many repeats fill a pass.
	for (let round = 0; round <= ROUNDS; round++) {
		for (const variant of candidates) {
			if ((best[variant] ?? 0) > LONG_MS) continue;
			const count = repeats[variant] ?? 1;
			const pass = await gpu.time(() => {
				for (let i = 0; i < count; i++) withVariant(gpu, variant, run);
			});
			const ms = pass / count;
			repeats[variant] = Math.min(MOST_REPEATS, Math.max(1, Math.ceil(PASS_MS / Math.max(ms, 1e-3))));
			// The first run of a program may include more than its arithmetic.
			if (round > 0 || pass > LONG_MS) best[variant] = Math.min(best[variant] ?? Infinity, ms);
		}
	}
	return best;
}

/** `run` records synchronously, so no other work is recorded with this variant. */
function withVariant(gpu: Recorder, variant: KernelVariant, run: () => void): void {
	const { forced } = gpu.variants;
	gpu.variants.forced = variant;
	try {
		tidy(run);
	} finally {
		gpu.variants.forced = forced;
	}
}

const ones = (rows: number, columns: number): Tensor2D =>
	tensor2d(new Float32Array(rows * columns).fill(1 / columns), [rows, columns]);
const zeros = (size: number): Tensor1D => tensor1d(new Int32Array(size), 'int32');

function runnable({ product, rows, weight }: TunedMatmul): { run: () => void; free: () => void } {
	const [N, K] = weightShape(weight);
	if (product !== 'linear' && product !== 'linearDx') return throughHead(product, weight);
	const T = rows === 'few' ? FEW_ROWS : MANY_ROWS;
	const x = ones(T, K);
	const dy = product === 'linearDx' ? ones(T, N) : null;
	return {
		run: () => {
			if (dy === null) linear(x, weight);
			else linearGrad(dy, x, weight);
		},
		free: () => [x, dy].forEach((tensor) => tensor?.dispose()),
	};
}

/**
 * The products of the head's loss and gradient in isolation, on one chunk of the vocabulary, because other
 * tiles may be faster there.
 */
function throughHead(
	product: 'head' | 'dlogits' | 'headGrad',
	head: Weight,
): { run: () => void; free: () => void } {
	const [V, C] = weightShape(head);
	const T = MANY_TARGETS;
	const part = { weight: head, first: 0, split: false };
	if (product === 'headGrad') {
		const [dlogits, dRows] = [ones(T, planChunks(T, V).width), ones(T, C)];
		return {
			run: () => recordDlogitsHead({ dlogits, dRows }, part, 0),
			free: () => [dlogits, dRows].forEach((tensor) => tensor.dispose()),
		};
	}
	const [h, targets, lse] = [ones(T, C), zeros(T), tensor1d(new Float32Array(T))];
	const forward = (): void => void targetLogps(h, head, targets, targets);
	const backward = (): void => {
		const dlogits = recorder().allocate([T, planChunks(T, V).width]);
		recordDlogits({ gathered: h, targets, lse, dlogps: lse, dlogits }, part, 0);
		recorder().free(dlogits);
	};
	return {
		run: product === 'head' ? forward : backward,
		free: () => [h, targets, lse].forEach((tensor) => tensor.dispose()),
	};
}
