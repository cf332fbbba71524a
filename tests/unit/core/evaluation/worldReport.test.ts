import { describe, expect, it, test } from 'vitest';
import { panelFigures, type PanelRow } from '#core/evaluation/panel.ts';
import { worldReport } from '#core/evaluation/worldReport.ts';
import { scoreAnswer, worldOf } from '#core/world/registry.ts';

const row = (base: string, tuned: string, logps: readonly [number, number] = [-2, -3]): PanelRow => ({
	prompt: 'p',
	base: { text: base, logp: logps[0], tokens: base.split(' ').length },
	tuned: { text: tuned, logp: logps[1], tokens: tuned.split(' ').length },
});

describe('panelFigures', () => {
	it('counts changed answers, lengths and log-probabilities per token', () => {
		const figures = panelFigures([
			row('a b c d', 'a b c d '.trim(), [-4, -4]),
			row('a b c d', 'a b', [-8, -5]),
		]);
		expect(figures).toEqual({
			n: 2,
			changed: 0.5,
			words: { base: 4, tuned: 3 },
			lengthRatio: 0.75,
			fluency: { base: -12 / 8, tuned: -9 / 6 },
		});
	});

	it('compares the lengths of all answers together, so that one short answer does not outweigh the others', () => {
		const rows = [row('a', 'a b c d'), row('a b c d e f g', 'a b')];
		expect(panelFigures(rows)).toMatchObject({ words: { base: 4, tuned: 3 }, lengthRatio: 0.75 });
	});

	it('ignores spaces at the ends, and has no ratio without words', () => {
		expect(panelFigures([row('a', ' a\n')]).changed).toBe(0);
		expect(panelFigures([row('', 'a')])).toMatchObject({ changed: 1, lengthRatio: null });
		expect(panelFigures([])).toEqual({
			n: 0,
			changed: 0,
			words: { base: 0, tuned: 0 },
			lengthRatio: null,
			fluency: { base: null, tuned: null },
		});
	});
});

test('the panel has twenty distinct prompts that no world scores', () => {
	const { panel } = worldOf('instructions');
	expect(new Set(panel).size).toBe(20);
	for (const prompt of panel) expect(scoreAnswer(prompt, 'x'), prompt).toBeNull();
});

test('the report names the split of each score', () => {
	const heldOut = 'Write in all lowercase: describe stars.';
	const untouched = 'Answer in Spanish: tell me about owls.';
	const spanish = 'El búho es un ave que vive en los bosques y es muy grande.';
	const answers = (first: string, second: string) => ({
		heldOut: [
			{ prompt: heldOut, answer: first },
			{ prompt: 'What is love?', answer: 'x' },
		],
		untouched: [{ prompt: untouched, answer: second }],
	});
	const report = worldReport(
		worldOf('instructions'),
		{ base: answers('Stars are far away.', spanish), tuned: answers('stars are far.', 'Owls are birds.') },
		[row('a b', 'a')],
	);
	expect(report).toMatchObject({
		world: 'instructions',
		base: {
			heldOut: { split: 'heldOut', score: { score: 0, n: 1 }, loose: 0, meanLength: 4 },
			untouched: { split: 'untouched', score: { score: 1, n: 1 }, loose: 1, meanLength: 14 },
		},
		tuned: {
			heldOut: { score: { score: 1 }, loose: 1, meanLength: 3 },
			untouched: { score: { score: 0 }, meanLength: 3 },
		},
		panel: { n: 1, lengthRatio: 0.5 },
	});
});
