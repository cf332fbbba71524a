/** A model, a random adapter and a pair, with their loss and its derivatives in f64. */
import { moduleName } from '#core/adapter/projections.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { TargetModule } from '#core/recipe/recipe.ts';
import { referenceLogp, type ReferenceAdapter, type ReferenceModel } from './decoderReference.ts';
import { randomAdapter } from './randomAdapter.ts';
import { dotProduct, normals } from './tensors.ts';

const RANK = 3;
const BETA = 0.1;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** @param tensors under fused names, without a leading `model.` */
export function decoderProblem(config: ModelConfig, tensors: ReferenceModel['tensors'], pair: TokenizedPair) {
	const adapter = randomAdapter(config, RANK, 6, 0.3);
	const reference = { config, tensors, adapter };
	const base = { config, tensors, adapter: null };
	const matrices = adapter.matrices.map((m) => ({
		...m,
		loraA: Float64Array.from(m.loraA),
		loraB: Float64Array.from(m.loraB),
	}));
	const sides = (own: ReferenceAdapter | null): number[] =>
		[pair.chosenIds, pair.rejectedIds].map((ids) =>
			referenceLogp({ config, tensors, adapter: own }, pair.promptIds, ids),
		);
	const [chosen = NaN, rejected = NaN] = sides(null);
	/** APO-zero of the pair. */
	const loss = (): number => {
		const [w = NaN, l = NaN] = sides({ ...adapter, matrices });
		return 1 - sigmoid(BETA * (w - chosen)) + sigmoid(BETA * (l - rejected));
	};
	const slopes = new Map<Float64Array, number>();
	/** Derivative of the loss along the direction of one matrix, computed once. */
	const slopeOf = (values: Float64Array, direction: Float64Array): number => {
		const known = slopes.get(values) ?? derivativeOf(values, direction);
		slopes.set(values, known);
		return known;
	};
	const derivativeOf = (values: Float64Array, direction: Float64Array): number => {
		const start = values.slice();
		const along = (step: number): number => {
			values.forEach((_, i) => (values[i] = (start[i] ?? 0) + step * (direction[i] ?? 0)));
			return loss();
		};
		const derivative = (along(1e-5) - along(-1e-5)) / 2e-5;
		along(0);
		return derivative;
	};
	/**
	 * Errors of gradients along a random direction of each matrix, relative to the size of both.
	 *
	 * @param gradients by PEFT's names
	 */
	function* slopeErrors(
		gradients: ReadonlyMap<string, Float32Array>,
		isCompared: (layer: number, module: TargetModule) => boolean = () => true,
	): Generator<[name: string, error: number]> {
		for (const { layer, module, loraA, loraB } of matrices.filter((m) => isCompared(m.layer, m.module))) {
			for (const [side, values] of [
				['A', loraA],
				['B', loraB],
			] as const) {
				const name = `base_model.model.model.layers.${layer}.${moduleName(module)}.lora_${side}.weight`;
				const found = gradients.get(name) ?? new Float32Array();
				const direction = normals(values.length, 7);
				const size = Math.sqrt(dotProduct(found, found) * dotProduct(direction, direction));
				const error = Math.abs(dotProduct(found, direction) - slopeOf(values, direction)) / size;
				yield [name, found.length === values.length ? error : Infinity];
			}
		}
	}
	return { adapter, reference, base, loss, slopeErrors };
}
