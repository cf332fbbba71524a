import { describe, expect, it, test } from 'vitest';
import { addCredit, editedTokens, NO_CREDIT, sharesOf } from '#core/loss/creditShare.ts';
import { revisedHeldOut } from '#core/pair/heldOutPairs.ts';
import { scoreAnswer, worldOf } from '#core/world/registry.ts';

describe('edited tokens', () => {
	test.each([
		[
			[1, 2, 3],
			[1, 2, 3],
			[0, 0, 0],
			[0, 0, 0],
		],
		[
			[1, 9, 3],
			[1, 2, 3],
			[0, 1, 0],
			[0, 1, 0],
		],
		[
			[1, 2, 3, 4],
			[3, 4],
			[1, 1, 0, 0],
			[0, 0],
		],
		[[], [5], [], [1]],
	])('of %j against %j', (chosen, rejected, edited, gone) => {
		const marks = editedTokens({ chosen, rejected });
		expect([marks.chosen.map(Number), marks.rejected.map(Number)]).toEqual([edited, gone]);
	});
});

it('adds |credit| on and off the edit, and gives both shares', () => {
	const pair = {
		ids: { chosen: [1, 9, 3], rejected: [1, 2, 3] },
		credit: { chosen: [0.1, 0.8, -0.1], rejected: [0, -2, 1] },
	};
	const sum = addCredit(addCredit(NO_CREDIT, pair), {
		ids: { chosen: [7], rejected: [7] },
		credit: { chosen: [1], rejected: [] },
	});
	expect(sum).toMatchObject({ pairs: 2, tokens: 8, editedTokens: 2 });
	expect(sum.credit).toBeCloseTo(5, 12);
	expect(sharesOf(sum).credit).toBeCloseTo(2.8 / 5, 12);
	expect(sharesOf(sum).tokens).toBeCloseTo(2 / 8, 12);
	expect(sharesOf(NO_CREDIT).credit).toBeNaN();
});

it('makes held-out pairs of answers that the world revises, with the right answer chosen', () => {
	const prompts = worldOf('tiny').prompts({ count: 8, seed: 1, split: 'heldOut' });
	const answers = prompts.map((prompt) => ({ prompt, text: 'I am not sure.', score: 0, checks: [] }));
	const pairs = revisedHeldOut(answers, 1);
	expect(pairs.length).toBeGreaterThan(0);
	for (const { prompt, chosen, rejected } of pairs) {
		expect(scoreAnswer(prompt.text, chosen)?.score).toBe(1);
		expect(rejected).toBe('I am not sure.');
	}
	expect(
		revisedHeldOut(
			[{ prompt: { id: 'x', text: 'Write an opera.', family: null }, text: 'No.', score: 0, checks: [] }],
			1,
		),
	).toEqual([]);
});
