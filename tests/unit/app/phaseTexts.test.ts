/** Errors and sentences of a run: they name its data method, also one that the app does not know by name, and its result. */
import { beforeAll, describe, expect, it } from 'vitest';
import { phaseOf } from '#app/run/phases/registry.ts';
import { Session } from '#app/session.svelte.ts';
import { statusSentence } from '#app/text/status.ts';
import { registerMethod } from '#core/pair/methods/registry.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { fakeReply } from '#tests/support/fakeCompute.ts';
import { createFakes, SMALL } from '#tests/support/fakes.ts';
import { longestOfTwo } from '#tests/support/longestOfTwo.ts';

const LONGEST: Recipe = { ...SMALL, pairs: { ...SMALL.pairs, method: longestOfTwo.id } };

describe('a run of a made-up data method', () => {
	beforeAll(() => registerMethod(longestOfTwo));

	it('that gives no pairs fails with the method’s reasons', async () => {
		const fakes = createFakes();
		fakes.target.complete = () => Promise.resolve(fakeReply('same'));
		const session = new Session(fakes.ports);
		session.draft.load(LONGEST);
		await session.startRun();
		expect(session.run.failure?.error).toMatchObject({
			code: 'no-pairs',
			message: 'The data method “longest of two” gave no pairs, so there is nothing to train on.',
			hint: 'Use more prompts, or change how the recipe makes pairs. Left out because both answers have the same length (12).',
			context: { method: 'longest_of_two', 'same-length': 12 },
		});
		expect(JSON.stringify(session.run.failure)).not.toMatch(/revis|CLAIR/i);
	});

	it('has its own name in the sentences', () => {
		expect(phaseOf('sampling')?.sentence(LONGEST, { loss: { phase: 'idle' } })).toContain(
			'longest of two makes the pairs from these answers',
		);
		const steps = {
			loss: { phase: 'idle' },
			evaluation: { comparison: null, byFamily: [], ranked: null, course: [] },
		};
		const facts = { recipe: LONGEST, transport: 'review', phase: 'revising', failure: null, steps } as const;
		expect(statusSentence(facts)).toContain('longest of two makes the pairs');
	});
});

it('says if an earlier adapter was clearly better than the last one', () => {
	const point = (step: number, score: number) => ({
		step,
		estimate: { score, low: score - 0.1, high: score + 0.1, n: 40 },
	});
	const said = (...course: ReturnType<typeof point>[]) =>
		statusSentence({
			recipe: SMALL,
			transport: 'done',
			phase: 'done',
			failure: null,
			steps: {
				loss: { phase: 'done' },
				evaluation: { comparison: null, byFamily: [], ranked: null, course },
			},
		});
	expect(said(point(0, 0.35), point(20, 0.73), point(60, 0.41))).toContain(
		'An earlier adapter was better: 0.73 at step 20, 0.41 at step 60.',
	);
	expect(said(point(0, 0.6), point(20, 0.3))).toContain('The base model was better: 0.60 before training.');
	expect(said(point(0, 0.35), point(20, 0.73), point(60, 0.69))).not.toContain('better');
	expect(said()).not.toContain('better');
});
