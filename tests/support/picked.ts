/** A few numbers of large tensors, for stored numbers of other programs. */
import type { Adapter, LoraMatrices } from '#core/adapter/adapter.ts';
import { moduleName } from '#core/adapter/projections.ts';
import { expect } from 'vitest';
import { expectAllclose, largest } from './allclose.ts';

/** The norm, and eight numbers at equal distances. */
export interface Picked {
	norm: number;
	values: number[];
}

export function pickedOf(numbers: Float32Array): Picked {
	const stride = Math.max(1, Math.floor(numbers.length / 8));
	const values = [...numbers].filter((_, i) => i % stride === 0).slice(0, 8);
	return { norm: Math.sqrt(numbers.reduce((sum, value) => sum + value * value, 0)), values };
}

/** The matrices of an adapter by PEFT's names. */
export function byPeftNames({ matrices }: Pick<Adapter, 'matrices'>): Map<string, Float32Array> {
	const sides = ({ layer, module, loraA, loraB }: LoraMatrices): [string, Float32Array][] => {
		const name = `base_model.model.model.layers.${layer}.${moduleName(module)}`;
		return [
			[`${name}.lora_A.weight`, loraA],
			[`${name}.lora_B.weight`, loraB],
		];
	};
	return new Map(matrices.flatMap(sides));
}

/** @param tolerance relative to the norm, and to the largest of the picked numbers */
export function expectPicked(
	found: ReadonlyMap<string, Float32Array>,
	stored: Readonly<Record<string, Picked>>,
	tolerance: number,
): void {
	for (const [name, { norm, values }] of Object.entries(stored)) {
		const got = pickedOf(found.get(name) ?? new Float32Array());
		expect(Math.abs(got.norm / norm - 1), name).toBeLessThan(tolerance);
		expectAllclose(got.values, values, { atol: tolerance * largest(values), rtol: 0 }, name);
	}
}
