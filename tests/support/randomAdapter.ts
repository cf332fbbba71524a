import { projectionShapes } from '#core/adapter/projections.ts';
import type { Adapter, LoraMatrices } from '#core/adapter/adapter.ts';
import { rng } from '#core/math/rng.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { TARGET_MODULES } from '#core/recipe/recipe.ts';

/** An adapter on all seven projections whose delta is large enough to change answers. */
export function randomAdapter(config: ModelConfig, rank: number, seed: number, size = 0.05): Adapter {
	const random = rng(seed);
	const draw = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal() * size);
	const matrices: LoraMatrices[] = [];
	for (let layer = 0; layer < config.layers; layer++) {
		for (const { inFeatures, parts } of projectionShapes(config)) {
			for (const { module, rowStart, rowEnd } of parts) {
				const outFeatures = rowEnd - rowStart;
				matrices.push({
					layer,
					module,
					loraA: draw(rank * inFeatures),
					loraB: draw(outFeatures * rank),
					inFeatures,
					outFeatures,
				});
			}
		}
	}
	return {
		id: `random-${seed}`,
		step: 1,
		config: { rank, alpha: 2 * rank, targetModules: TARGET_MODULES },
		matrices,
	};
}

/** The same delta at a higher rank: adds rows and columns of zeros and scales alpha to match. */
export function widenAdapter(adapter: Adapter, rank: number): Adapter {
	const { rank: from, alpha } = adapter.config;
	const matrices = adapter.matrices.map((matrix): LoraMatrices => {
		const loraA = new Float32Array(rank * matrix.inFeatures);
		loraA.set(matrix.loraA);
		const loraB = new Float32Array(matrix.outFeatures * rank);
		for (let n = 0; n < matrix.outFeatures; n++) {
			loraB.set(matrix.loraB.subarray(n * from, (n + 1) * from), n * rank);
		}
		return { ...matrix, loraA, loraB };
	});
	return { ...adapter, config: { ...adapter.config, rank, alpha: (alpha * rank) / from }, matrices };
}
