import { expect, test } from 'vitest';
import { pairLoss } from '#core/loss/pairLoss.ts';
import { listObjectives, objectiveOf } from '#core/loss/objectives/registry.ts';
import { preferenceGradReference } from '#engine/kernels/preference/preference.reference.ts';
import { preferenceGrad } from '#engine/kernels/preference/preference.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { f32Vector, onEachBackend, take } from '#tests/support/backends.ts';
import { normals } from '#tests/support/tensors.ts';

const OBJECTIVES = listObjectives().map(({ id }) => id);

/** Pairs: one, around a workgroup of 64, a prime. */
const PAIRS = [1, 63, 64, 65, 131] as const;

/** Log-probabilities near −60 whose rewards at β = 0.5 reach a few units, and a padding entry. */
function logps(pairs: number, seed: number, spread: number): Float32Array {
	return Float32Array.from([...normals(2 * pairs, seed).map((z) => -60 + spread * z), 0]);
}

onEachBackend('preferenceGrad', () => {
	test.each(OBJECTIVES)('%s is the closed form of core', async (objective) => {
		for (const pairs of PAIRS) {
			const [policy, reference] = [logps(pairs, pairs, 4), logps(pairs, pairs + 1, 4)];
			const options = { objective, beta: 0.5, scale: 1 / pairs, meanChosenTokens: 7 };
			const got = await take(preferenceGrad(f32Vector(policy), f32Vector(reference), options));
			expectAllclose(got, preferenceGradReference(policy, reference, options), { atol: 1e-6, rtol: 1e-5 });
			expect(got.at(-1)).toBe(0);
		}
	});

	test('rewards of ±500 give finite gradients', async () => {
		const policy = Float32Array.of(-10, -1010, -1010, -10, 0);
		const reference = Float32Array.of(-1010, -10, -10, -1010, 0);
		for (const objective of OBJECTIVES) {
			const options = { objective, beta: 0.5, scale: 1, meanChosenTokens: 7 };
			const got = await take(preferenceGrad(f32Vector(policy), f32Vector(reference), options));
			expectAllclose(got, preferenceGradReference(policy, reference, options), { atol: 1e-6 });
		}
	});
});

test.each(OBJECTIVES)('the reference of %s is the slope of the loss', (objective) => {
	const [policy, reference] = [logps(3, 5, 2), logps(3, 6, 2)];
	const options = { objective, beta: 0.5, scale: 1 / 3, meanChosenTokens: 7 };
	const even = (list: Float64Array): Float64Array => list.filter((_, i) => i % 2 === 0 && i < 6);
	const odd = (list: Float64Array): Float64Array => list.filter((_, i) => i % 2 === 1);
	const ref = Float64Array.from(reference);
	const loss = (at: Float64Array): number =>
		pairLoss(objectiveOf(objective), 0.5, {
			policyChosen: even(at),
			policyRejected: odd(at),
			refChosen: even(ref),
			refRejected: odd(ref),
			chosenTokens: [5, 7, 9],
			rejectedTokens: [1, 1, 1],
		}).loss;
	const gradient = preferenceGradReference(policy, reference, options);
	for (let i = 0; i < 6; i++) {
		const nudged = (by: number): Float64Array => Float64Array.from(policy, (x, j) => (j === i ? x + by : x));
		expect((loss(nudged(1e-4)) - loss(nudged(-1e-4))) / 2e-4).toBeCloseTo(gradient[i]!, 7);
	}
});
