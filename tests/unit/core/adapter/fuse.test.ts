/** The fused form must equal the matrices: checked by multiplying with both. */
import { describe, expect, test } from 'vitest';
import { type Adapter, scalingOf } from '#core/adapter/adapter.ts';
import { fuseForWebLLM } from '#core/adapter/fuse.ts';
import { initLora, loraLayout, toAdapter } from '#core/adapter/layout.ts';
import { mergeFused } from '#core/adapter/merge.ts';
import { projectionShapes, recordName } from '#core/adapter/projections.ts';
import { at } from '#core/math/at.ts';
import { rng } from '#core/math/rng.ts';
import { TARGET_MODULES, type TargetModule } from '#core/recipe/recipe.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';

const MAX_RANK = 5;

function trained(rank: number, targetModules: readonly TargetModule[]): Adapter {
	const config = { rank, alpha: 6, targetModules };
	const layout = loraLayout(SMALL_MODEL, config);
	const flat = initLora(layout, 3);
	const noise = rng(9);
	for (const slot of layout.slots) {
		for (let i = 0; i < slot.bRows * slot.rank; i++) flat[slot.bOffset + i] = noise.normal();
	}
	return toAdapter(flat, layout, { id: 'a', step: 1, config });
}

/** B·(A·x) as the library computes it: row n of part p multiplies the A rows of part p. */
function fusedProduct(adapter: Adapter | null, layer: number, strength: number, x: number[][]): number[][] {
	const records = new Map(fuseForWebLLM(adapter, SMALL_MODEL, MAX_RANK, strength).map((r) => [r.name, r]));
	return projectionShapes(SMALL_MODEL).map((shape, s) => {
		const name = recordName('llama', layer, shape.projection);
		const a = records.get(`${name}.lora_A`)!;
		const b = records.get(`${name}.lora_B`)!;
		expect(a.shape).toEqual([shape.parts.length * MAX_RANK, shape.inFeatures]);
		expect(b.shape).toEqual([shape.outFeatures, MAX_RANK]);
		const out = new Array<number>(shape.outFeatures).fill(0);
		for (const [p, { rowStart, rowEnd }] of shape.parts.entries()) {
			for (let n = rowStart; n < rowEnd; n++) {
				for (let j = 0; j < MAX_RANK; j++) {
					let ax = 0;
					for (let k = 0; k < shape.inFeatures; k++) {
						ax += at(a.data, (p * MAX_RANK + j) * shape.inFeatures + k) * at(at(x, s), k);
					}
					out[n] = at(out, n) + at(b.data, n * MAX_RANK + j) * ax;
				}
			}
		}
		return out;
	});
}

/** The same product from merged weights: (W + ΔW)·x with W = 0. */
function mergedProduct(adapter: Adapter, layer: number, strength: number, x: number[][]): number[][] {
	return projectionShapes(SMALL_MODEL).map((shape, s) => {
		const zero = new Float32Array(shape.outFeatures * shape.inFeatures);
		const w = mergeFused(zero, adapter, SMALL_MODEL, { layer, projection: shape.projection }, strength);
		return Array.from({ length: shape.outFeatures }, (_, n) =>
			at(x, s).reduce((sum, value, k) => sum + value * at(w, n * shape.inFeatures + k), 0),
		);
	});
}

const inputs = projectionShapes(SMALL_MODEL).map(({ inFeatures }, s) => {
	const noise = rng(20 + s);
	return Array.from({ length: inFeatures }, () => noise.normal());
});

describe.each([
	['all modules at the full rank', 5, [...TARGET_MODULES], 1],
	['all modules at a smaller rank and another strength', 3, [...TARGET_MODULES], 0.5],
	['a few modules', 2, ['k_proj', 'up_proj'], 1.5],
] as const)('%s', (_name, rank, modules, strength) => {
	test('fused and merged forms compute the same', () => {
		const adapter = trained(rank, modules);
		for (const layer of [0, 1]) {
			const fused = fusedProduct(adapter, layer, strength, inputs);
			const merged = mergedProduct(adapter, layer, strength, inputs);
			for (const [s, expected] of merged.entries()) {
				for (const [n, value] of expected.entries()) expect(at(at(fused, s), n)).toBeCloseTo(value, 4);
			}
			expect(fused.flat().some((value) => Math.abs(value) > 0.1)).toBe(true);
		}
	});
});

test('strength 0 and no adapter give zeros in B, which is exactly the base', () => {
	for (const records of [
		fuseForWebLLM(trained(2, TARGET_MODULES), SMALL_MODEL, MAX_RANK, 0),
		fuseForWebLLM(null, SMALL_MODEL, MAX_RANK, 1),
	]) {
		const b = records.filter(({ name }) => name.endsWith('lora_B'));
		expect(b).toHaveLength(SMALL_MODEL.layers * 4);
		expect(b.every(({ data }) => data.every((value) => value === 0))).toBe(true);
	}
});

test('a change of strength changes B alone, in proportion', () => {
	const adapter = trained(2, TARGET_MODULES);
	const full = fuseForWebLLM(adapter, SMALL_MODEL, MAX_RANK, 1);
	const half = fuseForWebLLM(adapter, SMALL_MODEL, MAX_RANK, 0.5);
	for (const [i, { name, data }] of full.entries()) {
		const factor = name.endsWith('lora_A') ? 1 : 0.5;
		expect(half[i]?.data).toEqual(data.map((value) => factor * value));
	}
	expect(scalingOf(adapter.config)).toBe(3);
});

test('Qwen models name their fused projection c_attn', () => {
	const names = fuseForWebLLM(null, { ...SMALL_MODEL, architecture: 'qwen2' }, 1, 1).map(({ name }) => name);
	expect(names).toContain('model.layers.1.self_attn.c_attn.lora_A');
	expect(recordName('llama', 0, 'gate_up')).toBe('model.layers.0.mlp.gate_up_proj');
});

describe('an adapter that does not fit', () => {
	test('by rank is refused with a hint', () => {
		expect(() => fuseForWebLLM(trained(6, TARGET_MODULES), SMALL_MODEL, MAX_RANK, 1)).toThrow(
			/rank 6; .* room for 5/,
		);
	});

	test('by shape is refused, naming the module', () => {
		const other = { ...SMALL_MODEL, hiddenSize: 16 };
		expect(() => fuseForWebLLM(trained(2, TARGET_MODULES), other, MAX_RANK, 1)).toThrow(
			/layer 0 q_proj is \[18, 12\]/,
		);
		expect(() =>
			mergeFused(new Float32Array(3), trained(2, TARGET_MODULES), SMALL_MODEL, { layer: 0, projection: 'o' }),
		).toThrow(/3 weights; expected 216/);
	});
});
