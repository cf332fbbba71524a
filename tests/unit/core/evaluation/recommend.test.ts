import { describe, expect, test } from 'vitest';
import {
	byVerdict,
	ownAndWinning,
	recommendationText,
	recommendObjective,
	type OwnAndWinning,
	type ScoreRow,
} from '#core/evaluation/recommend.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { reviseAnswer } from '#core/world/registry.ts';

const row = (own: number, winning: number): OwnAndWinning => ({
	prompt: '',
	own: `${own}`,
	winning: `${winning}`,
});
/** Answers that are their own scores. */
const written: ScoreRow = ({ own, winning }) => ({ own: Number(own), winning: Number(winning) });
const many = (...scores: [number, number][]): OwnAndWinning[] =>
	Array.from({ length: 40 }, (_, i) => row(...scores[i % scores.length]!));

describe('the proposal follows the interval of the difference', () => {
	test('winning answers above the model’s own: APO-zero', () => {
		const found = recommendObjective(many([0.3, 1], [0.5, 0.9], [0.6, 0.6]), written);
		expect(found.proposal).toBe('apo_zero');
		expect(found.difference.low).toBeGreaterThan(0);
		expect(recommendationText(found)).toMatch(
			/^The evidence is for APO-zero: the winning answers are better.*score 0\.\d\d, the model’s own 0\.\d\d; the difference is \+0\.\d\d \(95% interval \+0\.\d\d to \+0\.\d\d, 40 prompts\)\.$/,
		);
	});

	test('below them: APO-down', () => {
		const found = recommendObjective(many([1, 0.3], [0.9, 0.5], [0.6, 0.6]), written);
		expect(found.proposal).toBe('apo_down');
		expect(recommendationText(found)).toMatch(/^The evidence is for APO-down: .* are worse .*−0\.\d\d/);
	});

	test('an interval that covers 0, one row, or equal scores: cannot tell', () => {
		for (const rows of [many([1, 0.3], [0.3, 1]), [row(0, 1)], many([0.5, 0.5])]) {
			const found = recommendObjective(rows, written);
			expect(found.proposal).toBeNull();
			expect(recommendationText(found)).toMatch(/^Cannot tell .* may be chance\.$/);
		}
	});

	test('nothing to score: cannot tell, without numbers', () => {
		const found = recommendObjective([row(0, 1)]);
		expect(found).toMatchObject({ proposal: null, unscored: 1, difference: { n: 0 } });
		expect(recommendationText(found)).toMatch(/no prompt has/);
	});

	test('is the same for the same rows', () => {
		const rows = many([0.3, 1], [0.5, 0.9]);
		expect(recommendObjective(rows, written)).toEqual(recommendObjective(rows, written));
	});
});

test('a judge’s verdicts are scores of 1, 0 and ½; rows without one are counted apart', () => {
	const verdicts = ['winning', 'own', 'tie', null] as const;
	let asked = 0;
	const judge = byVerdict(() => verdicts[asked++ % verdicts.length]!);
	const found = recommendObjective(many([0, 0]), judge);
	expect(found).toMatchObject({ own: { score: 0.5 }, winning: { score: 0.5 }, unscored: 10, proposal: null });
	expect(recommendationText(found)).toMatch(/ 10 more cannot be scored\.$/);
});

test('the rubric: revisions of an echoing model are better than its answers', () => {
	const prompts = worldPrompts({ count: 30, seed: 1, split: 'train' });
	const outputs = prompts.map((prompt) => ({ prompt, text: prompt.text }));
	const pairs = prompts.flatMap((prompt) => {
		const revision = reviseAnswer(prompt.text, prompt.text, 1);
		return revision !== null && 'revised' in revision ? [{ prompt, chosen: revision.revised }] : [];
	});
	expect(pairs.length).toBeGreaterThan(10);
	const found = recommendObjective(ownAndWinning(pairs, outputs));
	expect(found.proposal).toBe('apo_zero');
	expect(found.difference.n).toBe(pairs.length);
});

test('one row per prompt: its first pair and the model’s first answer', () => {
	const prompt = { id: 'a', text: 'Sort.' };
	const pairs = [
		{ prompt, chosen: 'first' },
		{ prompt, chosen: 'second' },
		{ prompt: { id: 'b', text: 'Without an answer.' }, chosen: 'x' },
	];
	const outputs = [
		{ prompt, text: 'own' },
		{ prompt, text: 'another' },
	];
	expect(ownAndWinning(pairs, outputs)).toEqual([{ prompt: 'Sort.', own: 'own', winning: 'first' }]);
});
