import { expect, test } from 'vitest';
import { adamWReference, type AdamWReferenceState } from '#engine/kernels/adamW/adamW.reference.ts';
import { adamW, type AdamWOptions } from '#engine/kernels/adamW/adamW.ts';
import { clearInPlace, readNow } from '#engine/memory.ts';
import { zeros } from '#engine/tensor.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { f32Vector, onEachBackend, take } from '#tests/support/backends.ts';
import { normals } from '#tests/support/tensors.ts';

const OPTIONS: AdamWOptions = {
	lr: 1e-2,
	beta1: 0.9,
	beta2: 0.999,
	eps: 1e-8,
	weightDecay: 0.1,
	step: 1,
	maxGradNorm: 1,
};

onEachBackend('adamW', () => {
	test.each([4, 252, 256, 260, 4 * 1031])('ten steps over %i parameters equal the reference', async (P) => {
		const start = normals(P, 51);
		const state: AdamWReferenceState = {
			params: start.slice(),
			m: new Float64Array(P),
			v: new Float64Array(P),
		};
		const [params, m, v] = [f32Vector(start), zeros([P]), zeros([P])] as const;
		for (let step = 1; step <= 10; step++) {
			// Norms above and below the limit, so that some steps clip and others do not.
			const g = normals(P, 60 + step, step % 3 === 0 ? 1e-3 : 1);
			const options = { ...OPTIONS, step, lr: OPTIONS.lr / step };
			const grads = f32Vector(g);
			const normSq = await take(
				adamW({ params, grads, m: m as typeof params, v: v as typeof params }, options),
			);
			const wanted = adamWReference(state, g, options);
			expect(Math.abs((normSq[0] ?? NaN) - wanted)).toBeLessThan(1e-5 * wanted);
			grads.dispose();
		}
		expectAllclose(await take(params), state.params, { atol: 2e-6 }, 'params');
		expectAllclose(await take(m), state.m, { atol: 1e-7 }, 'm');
		expectAllclose(await take(v), state.v, { atol: 1e-7, rtol: 1e-4 }, 'v');
	});

	test('a maximum norm of 0 clips nothing, and zeros stay zeros', async () => {
		const options = { ...OPTIONS, maxGradNorm: 0 };
		const [params, grads] = [f32Vector([1, 2, 0, 0]), f32Vector([300, -400, 0, 0])];
		const [m, v] = [f32Vector([0, 0, 0, 0]), f32Vector([0, 0, 0, 0])];
		const state = { params: Float64Array.of(1, 2, 0, 0), m: new Float64Array(4), v: new Float64Array(4) };
		const normSq = await take(adamW({ params, grads, m, v }, options));
		expect(normSq[0]).toBe(adamWReference(state, [300, -400, 0, 0], options));
		const after = await take(params);
		expectAllclose(after, state.params, { atol: 1e-6 });
		expect([after[2], after[3]]).toEqual([0, 0]);
		clearInPlace(grads);
		expect([...(await readNow(grads))]).toEqual([0, 0, 0, 0]);
	});
});
