/** Adapters for checks: every number of A and B is random, so that no gradient is zero by construction. */
import type { LoraMatrices } from '#core/adapter/adapter.ts';
import { rng } from '#core/math/rng.ts';
import type { TargetModule } from '#core/recipe/recipe.ts';
import { adapterOf, initialParams, paramsOf, type DeviceLora } from '#model/lora.ts';

/** Standard deviation of B: small beside the weights, so that the model still works, and far above rounding. */
const SPREAD = 0.02;

/** Random parameters in the device's order: A as for a new adapter, B normal. */
export function randomParams(lora: DeviceLora, seed: number): Float32Array<ArrayBuffer> {
	const random = rng(seed);
	return filled(lora, seed, (matrices) => ({
		...matrices,
		loraB: matrices.loraB.map(() => SPREAD * random.normal()),
	}));
}

/** A part of the adapter: the A or the B matrices of one module in all layers. */
export interface Part {
	module: TargetModule;
	side: 'A' | 'B';
}

/** The indices of a part's parameters in the device's order. */
export function indicesOf(lora: DeviceLora, { module, side }: Part): number[] {
	const ones = filled(lora, 0, (matrices) => {
		const value = (which: Part['side']): number => (matrices.module === module && side === which ? 1 : 0);
		return {
			...matrices,
			loraA: matrices.loraA.map(() => value('A')),
			loraB: matrices.loraB.map(() => value('B')),
		};
	});
	return [...ones.keys()].filter((i) => ones[i] === 1);
}

function filled(
	lora: DeviceLora,
	seed: number,
	fill: (matrices: LoraMatrices) => LoraMatrices,
): Float32Array<ArrayBuffer> {
	const untrained = adapterOf(lora, initialParams(lora, seed), { id: 'check', step: 0 });
	return paramsOf(lora, { ...untrained, matrices: untrained.matrices.map(fill) });
}
