import { describe, expect, it } from 'vitest';
import { readPairs } from '#core/pair/importPairs.ts';

const read = (row: object, name = 'a.jsonl') => readPairs(name, JSON.stringify(row) + '\n');
const sides = (row: object) => read(row).set.pairs.map(({ chosen, rejected }) => [chosen, rejected]);
const AB = { prompt: 'Q', response_a: 'good', response_b: 'bad' };

describe('sides that name an answer', () => {
	it.each([
		{ ...AB, winner: 'model_a', loser: 'model_b' },
		{ ...AB, winner: 'A', loser: 'B' },
		{ ...AB, winner: 'Response A', loser: 'Response B' },
		{ ...AB, winner: 1, loser: 2 },
		{ ...AB, chosen: 'response_a', rejected: 'response_b' },
		{ ...AB, model_a: 'gpt', model_b: 'llama', winner: 'model_a', loser: 'model_b' },
		{ ...AB, model_a: 'gpt', model_b: 'llama', winner: 'gpt', loser: 'llama' },
		{ prompt: 'Q', A: 'good', B: 'bad', chosen: 'A', rejected: 'B' },
		{ prompt: 'Q', answer1: 'bad', answer2: 'good', chosen: 'answer2', rejected: 'answer1' },
		{ prompt: 'Q', gpt: 'good', llama: 'bad', chosen: 'gpt', rejected: 'llama' },
		{ prompt: 'Q', responses: ['good', 'bad'], chosen: '0', rejected: '1' },
		{ prompt: 'Q', responses: ['bad', 'good'], chosen: 1, rejected: 0 },
		{ prompt: 'Q', responses: ['good', 'bad'], chosen: 1, rejected: 2 },
		{ prompt: 'Q', responses: ['other', 'good', 'bad'], chosen: 2, rejected: 3 },
	])('takes the answers: %j', (row) => {
		expect(sides(row)).toEqual([['good', 'bad']]);
	});

	it('takes the answers of a table', () => {
		const { pairs } = readPairs('a.csv', 'prompt,A,B,chosen,rejected\nQ,good,bad,A,B\n').set;
		expect(pairs.map(({ chosen, rejected }) => [chosen, rejected])).toEqual([['good', 'bad']]);
	});

	it.each([
		[{ prompt: 'Q', winner: 'model_a', loser: 'model_b' }, 'the row does not hold'],
		[{ ...AB, chosen: 'response_a', rejected: 'some text' }, 'the other side names none'],
		[{ ...AB, chosen: 'prompt', rejected: 'response_b' }, 'holds no answer'],
		[{ prompt: 'Q', model_a: 'x', model_b: 'y', winner: 'model_a', loser: 'model_b' }, 'holds no answer'],
		[{ ...AB, chosen: 'response_a', rejected: 'response_a' }, 'both sides name'],
		[{ prompt: 'Q', responses: ['a', 'b'], chosen: 0, rejected: 5 }, 'beyond the 2 items'],
		[{ prompt: 'Q', responses: ['a', 'b', 'c'], chosen: 1, rejected: 2 }, 'from 0 or from 1'],
	])('never trains a name: %j', (row, reason) => {
		expect(() => read(row)).toThrow(reason);
	});

	it.each([
		{ prompt: 'A or B?', chosen: 'A', rejected: 'B' },
		{ prompt: '2+2?', chosen: '4', rejected: '5' },
		{ prompt: 'Pick', options: ['4', '5'], chosen: '4', rejected: '5' },
		{ ...AB, chosen: 'good', rejected: 'bad' },
		{ prompt: 'Which?', chosen: 'Option A', rejected: 'Option B' },
	])('keeps texts: %j', (row) => {
		expect(sides(row)).toEqual([[row.chosen, row.rejected]]);
	});
});
