/** The large products of a model, for the measurement that chooses their programs: every shape once. */
import { at } from '#core/math/at.ts';
import { shapeKey } from '#core/device/kernels.ts';
import { shapeOf, type TunedMatmul } from '#engine/tuning/measure.ts';
import type { ModelWeights } from './weights.ts';

/** What trains first, then what generates: where time runs out, the last ones wait. */
export function largeMatmuls({ blocks, head }: Pick<ModelWeights, 'blocks' | 'head'>): TunedMatmul[] {
	const { qkv, o, gateUp, down } = at(blocks, 0);
	const projections = [gateUp, down, qkv, o];
	const products: TunedMatmul[] = [
		...projections.map((weight) => ({ product: 'linear', rows: 'many', weight }) as const),
		...projections.map((weight) => ({ product: 'linearDx', rows: 'many', weight }) as const),
		{ product: 'head', rows: 'many', weight: head },
		{ product: 'dlogits', rows: 'many', weight: head },
		{ product: 'headGrad', rows: 'many', weight: head },
		...[...projections, head].map((weight) => ({ product: 'linear', rows: 'few', weight }) as const),
	];
	return [...new Map(products.map((product) => [shapeKey(shapeOf(product)), product])).values()];
}
