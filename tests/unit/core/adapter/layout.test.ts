import { describe, expect, test } from 'vitest';
import { fromAdapter, initLora, loraLayout, SLOT_ALIGNMENT, toAdapter } from '#core/adapter/layout.ts';
import { TARGET_MODULES } from '#core/recipe/recipe.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';

const ALL = { rank: 4, alpha: 8, targetModules: [...TARGET_MODULES] };
const SOME = { rank: 3, alpha: 8, targetModules: ['v_proj', 'q_proj', 'up_proj'] as const };

describe.each([
	['all modules', ALL],
	['a few modules', SOME],
])('the layout of %s', (_name, lora) => {
	const layout = loraLayout(SMALL_MODEL, lora);

	test('puts every matrix at its own aligned place', () => {
		let end = 0;
		for (const slot of layout.slots) {
			for (const [offset, length] of [
				[slot.aOffset, slot.aRows * slot.inFeatures],
				[slot.bOffset, slot.bRows * slot.rank],
			] as const) {
				expect(offset % SLOT_ALIGNMENT).toBe(0);
				expect(offset).toBeGreaterThanOrEqual(end);
				end = offset + length;
			}
		}
		expect(layout.size).toBeGreaterThanOrEqual(end);
		expect(layout.size % SLOT_ALIGNMENT).toBe(0);
	});

	test('counts like PEFT: rank · (in + out) of every module', () => {
		const { hiddenSize: c, intermediateSize: f } = SMALL_MODEL;
		const inOut = {
			q_proj: c + 18,
			k_proj: c + 6,
			v_proj: c + 6,
			o_proj: 18 + c,
			gate_proj: c + f,
			up_proj: c + f,
			down_proj: f + c,
		};
		const sum = lora.targetModules.reduce((total, module) => total + inOut[module], 0);
		expect(layout.parameters).toBe(SMALL_MODEL.layers * lora.rank * sum);
	});

	test('survives the round trip through PEFT matrices', () => {
		const flat = initLora(layout, 5);
		for (const slot of layout.slots) {
			for (let i = 0; i < slot.bRows * slot.rank; i++) flat[slot.bOffset + i] = Math.sin(slot.bOffset + i);
		}
		const adapter = toAdapter(flat, layout, { id: 'a', step: 1, config: lora });
		expect(adapter.matrices).toHaveLength(SMALL_MODEL.layers * lora.targetModules.length);
		expect(fromAdapter(adapter, layout)).toEqual(flat);
	});
});

test('the blocks of a fused projection own its rows, in the order q, k, v', () => {
	const [qkv] = loraLayout(SMALL_MODEL, SOME).slots;
	expect(qkv?.projection).toBe('qkv');
	expect(qkv?.outFeatures).toBe(18 + 6 + 6);
	expect(qkv?.blocks).toEqual([
		{ module: 'q_proj', rowStart: 0, rowEnd: 18, aRow: 0, bRow: 0 },
		{ module: 'v_proj', rowStart: 24, rowEnd: 30, aRow: 3, bRow: 18 },
	]);
});

describe('an untrained adapter', () => {
	test('has A uniform in ±1/√in and B zero', () => {
		const adapter = toAdapter(initLora(loraLayout(SMALL_MODEL, ALL), 1), loraLayout(SMALL_MODEL, ALL), {
			id: 'a',
			step: 0,
			config: ALL,
		});
		for (const { loraA, loraB, inFeatures } of adapter.matrices) {
			const bound = 1 / Math.sqrt(inFeatures);
			expect(Math.max(...loraA.map(Math.abs))).toBeLessThanOrEqual(bound);
			expect(Math.max(...loraA.map(Math.abs))).toBeGreaterThan(bound / 2);
			expect(loraB.every((value) => value === 0)).toBe(true);
		}
	});

	test('is the same for the same seed, and a module does not depend on its neighbours', () => {
		const values = (seed: number, lora: typeof ALL): Float32Array | undefined => {
			const layout = loraLayout(SMALL_MODEL, lora);
			const { matrices } = toAdapter(initLora(layout, seed), layout, { id: 'a', step: 0, config: lora });
			return matrices.find(({ layer, module }) => layer === 1 && module === 'v_proj')?.loraA;
		};
		expect(values(1, ALL)).toEqual(values(1, { ...ALL, targetModules: ['v_proj'] }));
		expect(values(1, ALL)).not.toEqual(values(2, ALL));
	});
});

describe('an adapter of another model', () => {
	const layout = loraLayout(SMALL_MODEL, ALL);
	const adapter = toAdapter(initLora(layout, 1), layout, { id: 'a', step: 0, config: ALL });

	test('is refused by its shapes', () => {
		const wider = loraLayout({ ...SMALL_MODEL, hiddenSize: 16 }, ALL);
		expect(() => fromAdapter(adapter, wider)).toThrow(/0\.q_proj has 48 and 72 floats; expected 64 and 72/);
	});

	test('is refused by its modules', () => {
		expect(() => fromAdapter(adapter, loraLayout(SMALL_MODEL, SOME))).toThrow(/14 modules.*has 6/);
		expect(() => toAdapter(new Float32Array(3), layout, { id: 'a', step: 0, config: ALL })).toThrow(
			/3 floats/,
		);
	});
});
