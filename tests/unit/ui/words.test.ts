import { pushAt, type PairLengths } from '#core/loss/objectives/atPair.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { bytes, scientific } from '#ui/format.ts';
import { explainRewards, sentences } from '#ui/views/loss/explainRewards.ts';
import { markReasoning } from '#ui/views/revision/marks.ts';
import { describe, expect, test } from 'vitest';

describe('numbers', () => {
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

	const pushOf =
		(objective: CompiledObjective, lengths: PairLengths | null) =>
		(point: { chosen: number; rejected: number }) =>
			pushAt(objective, { beta: 0.5 }, point, lengths);

	test('calls the push of SFT on long answers a push, and says so if the lengths are not known', () => {
		const objective = objectiveOf('sft');
		const lengths = { chosen: 400, rejected: 100, meanChosen: 400 };
		const known = explainRewards(at(0.5, 0), pushOf(objective, lengths))!;
		expect(known.push).toEqual({ chosen: 1 / 400, rejected: 0 });
		expect(sentences(objective, known).join(' ')).toContain('went up, as intended');
		const unknown = explainRewards(at(0.5, 0), pushOf(objective, null))!;
		expect(unknown.push).toBeNull();
		expect(sentences(objective, unknown).join(' ')).toContain(
			'which this run does not hold. The chosen answers went up.',
		);
	});

	test('explains a fall that the objective does not intend', () => {
		const objective = objectiveOf('apo_zero');
		const account = explainRewards(at(-0.5, -1.5), pushOf(objective, null))!;
		expect(account.fallen).toBe(1);
		expect(sentences(objective, account).join(' ')).toContain('still went down');
	});

	test('explains a rise that the objective intends', () => {
		const objective = objectiveOf('apo_zero');
		expect(sentences(objective, explainRewards(at(0.5, -0.5), pushOf(objective, null))!).join(' ')).toContain(
			'went up, as intended',
		);
	});
});
