import { describe, expect, it } from 'vitest';
import { flopsOfStep } from '../../../bench/gpu/flops.ts';
import { shapeWorkload } from '../../../bench/gpu/shapes.ts';

describe('the operations of a step', () => {
	it('are those of its matrices, its attention and its head', () => {
		const workload = shapeWorkload('SmolLM2-135M', true);
		const { hiddenSize: C, intermediateSize: F, vocabSize: V } = workload.config;
		// One pair: a prompt of 6 rows, two sides of 5 rows and 6 targets each.
		const [T, N] = [16, 12];
		const qkv = C * (9 + 2 * 3) * 64;
		const block = qkv + C * C + 3 * C * F;
		const lora = 8 * (C + C + 2 * (C + 192) + (C + C) + 2 * (C + F) + (F + C));
		// Prompt rows see 1 to 6 keys, each side's rows 7 to 11.
		const keys = 21 + 2 * (7 + 8 + 9 + 10 + 11);
		const expected = 4 * T * block - 2 * T * qkv + 6 * T * lora + 12 * keys * C + 4 * N * V * C;
		expect(flopsOfStep(workload)).toBe(expected);
	});
});
