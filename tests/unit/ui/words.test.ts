import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { bytes, fixed, scientific, signed } from '#ui/format.ts';
import { explainRewards, sentences } from '#ui/views/loss/explainRewards.ts';
import { markReasoning } from '#ui/views/revision/marks.ts';
import { describe, expect, test } from 'vitest';

describe('numbers', () => {
	test('carry a true minus sign, and zero carries none', () => {
		expect([signed(0.7), signed(-1.4), signed(-0.001), fixed(null)]).toEqual(['+0.70', '−1.40', '0.00', '–']);
	});

	test('have units that a person reads', () => {
		expect([bytes(812), bytes(3.2e6), bytes(41e9)]).toEqual(['812 B', '3.2 MB', '41 GB']);
		expect(scientific(6.6e-4)).toBe('6.6e−4');
	});
});

describe('the teacher’s reasoning', () => {
	const pieces = [
		{ kind: 'removed', text: 'pear, ' },
		{ kind: 'same', text: 'grape, mango' },
		{ kind: 'added', text: ', pear' },
	] as const;

	test('a quotation that names a change carries its number', () => {
		const marked = markReasoning('Fine so far. “pear” belongs at the end.', pieces);
		expect(marked.marks).toEqual(new Map([[2, 1]]));
		expect(marked.reasoning.map(({ text }) => text).join('')).toBe('Fine so far. “pear” belongs at the end.');
	});

	test('a quotation of what stayed carries none', () => {
		expect(markReasoning('The words “grape” are right.', pieces).marks.size).toBe(0);
	});
});

describe('the explanation of chosen’s move', () => {
	const at = (chosen: number, rejected: number) => ({
		positions: new Map([['p', { pairId: 'p', step: 2, chosen, rejected }]]),
	});

	test('explains a fall that the objective does not intend', () => {
		const objective = objectiveOf('apo_zero');
		const account = explainRewards(objective, at(-0.5, -1.5))!;
		expect(account.fallen).toBe(1);
		expect(sentences(objective, account).join(' ')).toContain('still went down');
	});

	test('explains a rise that the objective intends', () => {
		const objective = objectiveOf('apo_zero');
		expect(sentences(objective, explainRewards(objective, at(0.5, -0.5))!).join(' ')).toContain(
			'went up, as intended',
		);
	});
});
