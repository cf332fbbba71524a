import { expect, test } from 'vitest';
import { AppError } from '#core/errors.ts';
import { checkStepZero, expectFinite, lossMetrics, pairLogps } from '#train/metrics.ts';
import { packForStep } from '#train/pack.ts';
import type { MicroBatch } from '#train/step.ts';

const pairs = [0, 1, 2].map((i) => ({
	id: `p${i}`,
	promptIds: [1, 2],
	chosenIds: [3, 4, 5].slice(0, i + 1),
	rejectedIds: [6, 7],
	mergedPromptTokens: 0,
	truncated: false,
}));
const micro = (some: typeof pairs, reference: number[]): MicroBatch => ({
	packed: packForStep(some),
	reference: Float32Array.from([...reference, 0]),
});
const step = [micro(pairs.slice(0, 2), [-1, -2, -3, -4]), micro(pairs.slice(2), [-5, -6])];

test('policy and reference are taken apart by side, pairs of all micro-batches in order', () => {
	const logps = pairLogps(step, [Float32Array.of(-1.5, -2.5, -3.5, -4.5, 9), Float32Array.of(-5.5, -6.5, 9)]);
	expect(logps).toEqual({
		policyChosen: [-1.5, -3.5, -5.5],
		policyRejected: [-2.5, -4.5, -6.5],
		refChosen: [-1, -3, -5],
		refRejected: [-2, -4, -6],
		chosenTokens: [1, 2, 3],
		rejectedTokens: [2, 2, 2],
	});
});

const untrained = pairLogps(step, [Float32Array.of(-1, -2, -3, -4, 0), Float32Array.of(-5, -6, 0)]);

test('an untrained adapter passes the check of every objective', () => {
	expect(checkStepZero({ id: 'apo_zero', beta: 0.5 }, untrained)).toEqual({
		loss: 1,
		expectedLoss: 1,
		margin: 0,
	});
	expect(checkStepZero({ id: 'dpo', beta: 0.5 }, untrained).loss).toBeCloseTo(Math.LN2, 12);
	// Three chosen sides of 9 nats over 6 tokens.
	expect(checkStepZero({ id: 'sft', beta: 0.5 }, untrained).loss).toBeCloseTo(9 / 6, 12);
});

test('a policy that is not the reference is refused, with what was found', () => {
	const off = { ...untrained, policyChosen: [-1.2, -3, -5] };
	for (const id of ['apo_zero', 'apo_down', 'dpo', 'sft'] as const) {
		expect(() => checkStepZero({ id, beta: 0.5 }, off)).toThrow(AppError);
	}
	// APO-down's loss is flat in the chosen side at 0: it is the margin that tells.
	expect(() => checkStepZero({ id: 'apo_down', beta: 0.5 }, off)).toThrow(/margin -0.03/);
});

test('ties count as no win', () => {
	expect(lossMetrics({ id: 'dpo', beta: 0.1 }, untrained).metrics['rewards/accuracies']).toBe(0);
});

test('anything that is not a finite number stops the step', () => {
	expect(() => expectFinite(3, 1, 2)).not.toThrow();
	expect(() => expectFinite(3, NaN, 2)).toThrow(/Step 3 gave a loss of NaN/);
	expect(() => expectFinite(3, 1, Infinity)).toThrow(/gradient norm of Infinity/);
});
