import { describe, expect, test } from 'vitest';
import { sideEffectSentence } from '#app/text/sideEffects.ts';
import { costsOf } from '#core/evaluation/costs.ts';
import type { Estimate } from '#core/evaluation/evaluation.ts';
import type { PanelFigures } from '#core/evaluation/panel.ts';
import type { SplitReport, WorldReport } from '#core/evaluation/worldReport.ts';

const UP: Estimate = { score: 0.41, low: 0.33, high: 0.49, n: 128 };
const LEVEL: Estimate = { score: -0.02, low: -0.08, high: 0.04, n: 64 };
const DOWN: Estimate = { score: -0.12, low: -0.2, high: -0.04, n: 64 };
const NONE: Estimate = { score: 0, low: 0, high: 0, n: 0 };

const split = (name: SplitReport['split']): SplitReport => ({
	split: name,
	score: { score: 0.5, low: 0.4, high: 0.6, n: 64 },
	loose: 0.5,
	meanLength: 20,
});
const state = { heldOut: split('heldOut'), untouched: split('untouched') };

function report(heldOut: Estimate, untouched: Estimate, panel: Partial<PanelFigures>): WorldReport {
	return {
		world: 'instructions',
		base: state,
		tuned: state,
		difference: { heldOut, untouched },
		panel: {
			n: 20,
			changed: 0.85,
			words: { base: 80, tuned: 74 },
			lengthRatio: 0.92,
			fluency: { base: -0.45, tuned: -0.6 },
			...panel,
		},
	};
}

describe('the costs of a gain', () => {
	test.each([
		[
			report(UP, LEVEL, {}),
			'',
			'Held-out score up 0.41; unrelated answers 8% shorter; untouched families level.',
		],
		[
			report(UP, LEVEL, { lengthRatio: 0.55 }),
			'length',
			'Held-out score up 0.41; untouched families level; but unrelated answers 45% shorter.',
		],
		[
			report(UP, DOWN, { lengthRatio: 1.5, fluency: { base: -0.45, tuned: -2.1 } }),
			'untouched length fluency',
			'Held-out score up 0.41; but unrelated answers 50% longer; untouched families down 0.12; unrelated answers odd to the base model (−2.10 per token, −0.45 before).',
		],
		[
			report(DOWN, UP, { lengthRatio: 1.01 }),
			'heldOut',
			'Held-out score down 0.12; unrelated answers as long as before; untouched families up 0.41.',
		],
		[report(UP, NONE, { n: 0, lengthRatio: null }), '', 'Held-out score up 0.41.'],
	])('of case %# are named in one sentence', (facts, bad, sentence) => {
		const costs = Object.entries(costsOf(facts)).flatMap(([name, is]) => (is ? [name] : []));
		expect(costs.join(' ')).toBe(bad);
		expect(sideEffectSentence(facts)).toBe(sentence);
	});

	test.each([
		[0.79, true],
		[0.8, false],
		[1.2, false],
		[1.21, true],
	])('a length ratio of %f', (lengthRatio, isCost) => {
		expect(costsOf(report(UP, LEVEL, { lengthRatio })).length).toBe(isCost);
	});

	test('unread answers have no fluency to lose', () => {
		expect(costsOf(report(UP, LEVEL, { fluency: { base: null, tuned: null } })).fluency).toBe(false);
	});
});
