import { describe, expect, test } from 'vitest';
import type { Mode } from '#app/steps/evaluationViews.ts';
import { EvaluationStep } from '#app/steps/evaluationStep.svelte.ts';
import type { HeldOutResult } from '#core/evaluation/evaluation.ts';
import { FakeCompute } from '#tests/support/fakeCompute.ts';
import { FakeClock, ManualFrames, SMALL } from '#tests/support/fakes.ts';

const recipe = { ...SMALL, training: { ...SMALL.training, steps: 60, evaluateEvery: 20 } };
const result = (mode: Mode, step: number): HeldOutResult => ({
	mode,
	step,
	answers: [],
	estimate: { score: 0.5, low: 0.4, high: 0.6, n: 4 },
});

/** Before in both modes, greedy at steps 20 and 40, after in both modes. */
const ALL = [
	result('greedy', 0),
	result('sampled', 0),
	result('greedy', 20),
	result('greedy', 40),
	result('greedy', 60),
	result('sampled', 60),
];

describe('the progress of the evaluation', () => {
	test.each([
		[0, 'empty', 0],
		[2, 'partial', 2 / 6],
		[3, 'partial', 3 / 6],
		[5, 'partial', 5 / 6],
		[6, 'done', 1],
	])('with %i of 6 results is %s', (n, state, progress) => {
		const step = new EvaluationStep(() => recipe, new FakeCompute(), {
			clock: new FakeClock(),
			frame: new ManualFrames().frame,
		});
		step.restore(ALL.slice(0, n));
		expect([step.state, step.progress]).toEqual([state, progress]);
	});

	test('of a run that ended early is done when its last adapter has both scores', () => {
		const step = new EvaluationStep(() => recipe, new FakeCompute(), {
			clock: new FakeClock(),
			frame: new ManualFrames().frame,
		});
		step.restore([...ALL.slice(0, 3), result('greedy', 33), result('sampled', 33)]);
		expect([step.state, step.progress]).toEqual(['done', 1]);
	});
});
