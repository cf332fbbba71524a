/** The drift over micro-batches against its sum in f64, and its place in the objectives' gradient: not below 0. */
import { expect, test } from 'vitest';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { driftReference } from '#engine/kernels/drift/drift.reference.ts';
import { addDrift } from '#engine/kernels/drift/drift.ts';
import { preferenceGrad } from '#engine/kernels/preference/preference.ts';
import { uploadSegments } from '#engine/kernels/preference/segments.ts';
import { f32Vector, onEachBackend, take } from '#tests/support/backends.ts';
import { pairedSegments } from '#tests/support/segments.ts';
import { normals } from '#tests/support/tensors.ts';

onEachBackend('drift', () => {
	test('is the mean log-ratio over all micro-batches', async () => {
		const sizes = [1, 64, 131];
		const total = sizes.reduce((a, b) => a + b);
		let [sum, wanted] = [f32Vector([0]), 0];
		for (const size of sizes) {
			const [policy, reference] = [normals(size, size), normals(size, size + 1)];
			const [p, r] = [f32Vector(policy), f32Vector(reference)];
			wanted = driftReference(policy, reference, wanted, 1 / total);
			const next = addDrift(p, r, sum, 1 / total);
			for (const tensor of [p, r, sum]) tensor.dispose();
			sum = next;
		}
		expect((await take(sum))[0]).toBeCloseTo(wanted, 5);
	});

	test('below 0 counts as 0 in the gradient', async () => {
		const segments = pairedSegments({ chosen: [3], rejected: [4] });
		const table = uploadSegments(segments);
		const options = { objective: objectiveOf('kto'), step: { beta: 0.5, mean_len_w: 3 }, scale: 1 };
		const gradient = (drift: number): Promise<Float32Array> =>
			take(preferenceGrad(f32Vector([-3, -5]), f32Vector([-4, -4]), table, options, f32Vector([drift])));
		expect(await gradient(-2)).toEqual(await gradient(0));
		expect(await gradient(2)).not.toEqual(await gradient(0));
		table.rows.dispose();
	});
});
