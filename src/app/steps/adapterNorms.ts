/** How far each adapted projection moved: the Frobenius norm of scaling·B·A, without ever forming B·A. */
import type { StoredNorms } from '#core/adapter/storedNorms.ts';
import { scalingOf, type Adapter, type LoraMatrices } from '#core/adapter/adapter.ts';
import { at } from '#core/math/at.ts';
import type { TargetModule } from '#core/recipe/recipe.ts';
import { nextTask } from '#core/concurrency.ts';

export interface ModuleNorm {
	layer: number;
	module: TargetModule;
	/** ‖scaling·B·A‖_F, in units of the weights. */
	norm: number;
	/** Share of the adapter's largest, in [0, 1]; 0 if the adapter is zero. */
	relative: number;
}

export interface AdapterNorms {
	step: number;
	layers: number;
	modules: readonly ModuleNorm[];
}

/** Multiplications between two yields to the page: one or two milliseconds, even on a busy machine. */
const WORK = 200_000;

/** Measures every projection, in pieces that leave the page its frames. */
export async function measureNorms(adapter: Adapter): Promise<AdapterNorms> {
	const { rank } = adapter.config;
	const scaling = scalingOf(adapter.config);
	const norms: Omit<ModuleNorm, 'relative'>[] = [];
	let work = 0;
	await nextTask();
	for (const matrices of adapter.matrices) {
		const { layer, module, inFeatures, outFeatures } = matrices;
		norms.push({ layer, module, norm: scaling * productNorm(matrices, rank) });
		work += (rank * rank * (inFeatures + outFeatures)) / 2;
		if (work < WORK) continue;
		work = 0;
		await nextTask();
	}
	return normsOf(adapter.step, norms);
}

function normsOf(step: number, norms: readonly Omit<ModuleNorm, 'relative'>[]): AdapterNorms {
	const largest = Math.max(0, ...norms.map((n) => n.norm));
	return {
		step,
		layers: Math.max(0, ...norms.map((n) => n.layer + 1)),
		modules: norms.map((n) => ({ ...n, relative: largest === 0 ? 0 : n.norm / largest })),
	};
}

/** Digits of a stored norm: more than a square of the heat map can show. */
const DIGITS = 4;

/** Norms as a run's record keeps them. */
export function storedNorms({ step, modules }: AdapterNorms): StoredNorms {
	return {
		step,
		modules: modules.map(({ module }) => module),
		layers: modules.map(({ layer }) => layer),
		norms: modules.map(({ norm }) => Number(norm.toPrecision(DIGITS))),
	};
}

/** Inverse of {@link storedNorms}; a list that is too short loses its last entries. */
export function readNorms({ step, modules, layers, norms }: StoredNorms): AdapterNorms {
	return normsOf(
		step,
		norms.flatMap((norm, i) => {
			const [layer, module] = [layers[i], modules[i]];
			return layer === undefined || module === undefined ? [] : [{ layer, module, norm }];
		}),
	);
}

/** ‖B·A‖_F = √⟨BᵀB, A·Aᵀ⟩: two rank × rank Gram matrices instead of the [out, in] product. */
function productNorm({ loraA, loraB, inFeatures, outFeatures }: LoraMatrices, rank: number): number {
	// Row i of A is contiguous; column i of B has a stride of rank.
	const rows = gram(loraA, rank, inFeatures, inFeatures, 1);
	const columns = gram(loraB, rank, outFeatures, 1, rank);
	const sum = rows.reduce((total, value, i) => total + value * at(columns, i), 0);
	return Math.sqrt(Math.max(0, sum));
}

/** Inner products of `count` vectors of a length, vector i starting at i·step with its entries `stride` apart; [count, count]. */
function gram(data: Float32Array, count: number, length: number, step: number, stride: number): Float64Array {
	const products = new Float64Array(count * count);
	for (let i = 0; i < count; i++) {
		for (let j = 0; j <= i; j++) {
			let sum = 0;
			for (let k = 0; k < length; k++)
				sum += at(data, i * step + k * stride) * at(data, j * step + k * stride);
			products[i * count + j] = sum;
			products[j * count + i] = sum;
		}
	}
	return products;
}
