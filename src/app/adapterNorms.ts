/** How far each adapted projection moved: the Frobenius norm of scaling·B·A, without ever forming B·A. Pure. */
import { scalingOf, type Adapter, type LoraMatrices } from '#core/adapter/adapter.ts';
import { at } from '#core/math/at.ts';
import type { TargetModule } from '#core/recipe/recipe.ts';

export interface ModuleNorm {
	layer: number;
	module: TargetModule;
	/** ‖scaling·B·A‖_F, in units of the weights. */
	norm: number;
	/** Share of the adapter's largest, in [0, 1]; 0 where nothing moved. */
	relative: number;
}

export interface AdapterNorms {
	step: number;
	layers: number;
	modules: readonly ModuleNorm[];
}

export function adapterNorms(adapter: Adapter): AdapterNorms {
	const scaling = scalingOf(adapter.config);
	const norms = adapter.matrices.map((m) => ({
		layer: m.layer,
		module: m.module,
		norm: scaling * productNorm(m, adapter.config.rank),
	}));
	const largest = Math.max(0, ...norms.map((n) => n.norm));
	return {
		step: adapter.step,
		layers: Math.max(0, ...norms.map((n) => n.layer + 1)),
		modules: norms.map((n) => ({ ...n, relative: largest === 0 ? 0 : n.norm / largest })),
	};
}

/** ‖B·A‖_F = √⟨BᵀB, A·Aᵀ⟩: two rank × rank Gram matrices instead of the [out, in] product. */
function productNorm({ loraA, loraB, inFeatures, outFeatures }: LoraMatrices, rank: number): number {
	let sum = 0;
	for (let i = 0; i < rank; i++) {
		for (let j = 0; j < rank; j++) {
			let rows = 0;
			for (let k = 0; k < inFeatures; k++)
				rows += at(loraA, i * inFeatures + k) * at(loraA, j * inFeatures + k);
			let columns = 0;
			for (let k = 0; k < outFeatures; k++) columns += at(loraB, k * rank + i) * at(loraB, k * rank + j);
			sum += rows * columns;
		}
	}
	return Math.sqrt(Math.max(0, sum));
}
