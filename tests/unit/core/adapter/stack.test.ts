/** A stack must equal the sum of its adapters: checked by merging both into weights. */
import { describe, expect, test } from 'vitest';
import type { Adapter } from '#core/adapter/adapter.ts';
import { adapterContent } from '#core/adapter/content.ts';
import { expectAdapterFits } from '#core/adapter/fits.ts';
import { mergeFused } from '#core/adapter/merge.ts';
import { readPeftAdapter, writePeftAdapter } from '#core/adapter/peft.ts';
import { projectionShapes } from '#core/adapter/projections.ts';
import { stackAdapters } from '#core/adapter/stack.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';
import { randomAdapter } from '#tests/support/randomAdapter.ts';

/** The change of every projection of the model, as one list. */
function deltas(adapters: readonly (readonly [Adapter, number])[]): Float32Array[] {
	return Array.from({ length: SMALL_MODEL.layers }, (_, layer) =>
		projectionShapes(SMALL_MODEL).map(({ projection, inFeatures, outFeatures }) =>
			adapters.reduce(
				(weight, [adapter, strength]) =>
					mergeFused(weight, adapter, SMALL_MODEL, { layer, projection }, strength),
				new Float32Array(inFeatures * outFeatures),
			),
		),
	).flat();
}

function expectClose(got: Float32Array[], wanted: Float32Array[], tolerance: number): void {
	for (const [i, list] of got.entries())
		for (const [j, value] of list.entries())
			expect(Math.abs(value - (wanted[i]?.[j] ?? NaN)), `${i}.${j}`).toBeLessThanOrEqual(tolerance);
}

const parent = randomAdapter(SMALL_MODEL, 3, 1);
const own = randomAdapter(SMALL_MODEL, 2, 2);

describe('a stack of two adapters', () => {
	test('has both ranks, and its merge is both merges, within an f32 step', () => {
		const stack = stackAdapters(parent, own);
		expect(stack).toMatchObject({ id: own.id, step: own.step, config: { rank: 5, alpha: 10 } });
		expectClose(
			deltas([[stack, 1]]),
			deltas([
				[parent, 1],
				[own, 1],
			]),
			1e-7,
		);
	});

	test('scales only its own part by a strength; 0 is the parent, exactly', () => {
		expectClose(
			deltas([[stackAdapters(parent, own, 0.4), 1]]),
			deltas([
				[parent, 1],
				[own, 0.4],
			]),
			1e-7,
		);
		expectClose(deltas([[stackAdapters(parent, own, 0), 1]]), deltas([[parent, 1]]), 0);
	});

	test('takes adapters of different scalings and modules', () => {
		const other: Adapter = {
			...own,
			config: { ...own.config, alpha: 3, targetModules: ['q_proj', 'down_proj'] },
			matrices: own.matrices.filter(({ module }) => module === 'q_proj' || module === 'down_proj'),
		};
		const stack = stackAdapters(other, parent);
		expect(stack.config).toMatchObject({ rank: 5, alpha: 5, targetModules: parent.config.targetModules });
		expectClose(
			deltas([[stack, 1]]),
			deltas([
				[other, 1],
				[parent, 1],
			]),
			1e-7,
		);
	});

	test('is an adapter like any other: three rounds, and PEFT’s files', () => {
		const third = randomAdapter(SMALL_MODEL, 2, 3);
		const stack = stackAdapters(stackAdapters(parent, own), third);
		expectClose(
			deltas([[stack, 1]]),
			deltas([
				[parent, 1],
				[own, 1],
				[third, 1],
			]),
			2e-7,
		);
		const { weights, config } = writePeftAdapter(stack);
		expect(readPeftAdapter(weights, config, stack.id, stack.step)).toEqual(stack);
	});

	test('of two models is refused by the layer', () => {
		const wide = randomAdapter({ ...SMALL_MODEL, intermediateSize: 24 }, 2, 2);
		expect(() => stackAdapters(parent, wide)).toThrow(
			'Layer 0.gate_proj is [20, 12] in one adapter and [24, 12]',
		);
	});
});

test('an adapter of another model is refused by its name, the module and both shapes', () => {
	expect(() => expectAdapterFits(parent, SMALL_MODEL, 'Monday, step 3')).not.toThrow();
	expect(() => expectAdapterFits(parent, { ...SMALL_MODEL, intermediateSize: 24 }, 'Monday, step 3')).toThrow(
		'Monday, step 3 belongs to another model: its layer 0 gate_proj is [20, 12]; the model’s is [24, 12].',
	);
	expect(() => expectAdapterFits(parent, { ...SMALL_MODEL, layers: 1 }, 'Monday, step 3')).toThrow(
		'its layer 1 q_proj is [18, 12]; the model has 1 layers.',
	);
});

test('the content of an adapter names its numbers and scaling, not its id', () => {
	const content = adapterContent(parent);
	expect(adapterContent({ ...parent, id: 'other', step: 9 })).toEqual(content);
	expect(adapterContent({ ...parent, config: { ...parent.config, alpha: 1 } })).not.toEqual(content);
});
