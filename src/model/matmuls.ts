/** The large products of a model, each shape once, for the measurement that chooses their programs. */
import { at } from '#core/math/at.ts';
import { shapeKey } from '#core/device/kernels.ts';
import { tableParts } from '#engine/table.ts';
import { shapeOf, type TunedMatmul } from '#engine/tuning/measure.ts';
import type { ModelWeights } from './weights.ts';

/**
 * Training products come first, then those of generation; if the time budget runs out, the last ones are not
 * measured.
 */
export function largeMatmuls({ blocks, head }: Pick<ModelWeights, 'blocks' | 'head'>): TunedMatmul[] {
	const { qkv, o, gateUp, down } = at(blocks, 0);
	const projections = [gateUp, down, qkv, o];
	const products: TunedMatmul[] = [
		...projections.map((weight) => ({ product: 'linear', rows: 'many', weight }) as const),
		...projections.map((weight) => ({ product: 'linearDx', rows: 'many', weight }) as const),
		...(['head', 'dlogits', 'headGrad'] as const).map(
			(product) => ({ product, rows: 'many', weight: at(tableParts(head), 0).weight }) as const,
		),
		...projections.map((weight) => ({ product: 'linear', rows: 'few', weight }) as const),
	];
	return [...new Map(products.map((product) => [shapeKey(shapeOf(product)), product])).values()];
}
