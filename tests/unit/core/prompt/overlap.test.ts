/** Prompts that would be trained on although the same question is held out. */
import { expect, test } from 'vitest';
import { readPairs } from '#core/pair/importPairs.ts';
import { readPrompts } from '#core/prompt/importPrompts.ts';
import { heldOutTwins, questionKey } from '#core/prompt/overlap.ts';
import { isHeldOut } from '#core/prompt/split.ts';

test.each([
	['Name a fruit.', 'name a  fruit'],
	['Name a fruit?', 'NAME A FRUIT!'],
	['Name a fruit', '\u200bName a fruit…'],
])('%j and %j are one question', (a, b) => expect(questionKey(a)).toBe(questionKey(b)));

test.each([
	['Name a fruit.', 'Name the fruit.'],
	['3-4', '3 4'],
	['?', '!'],
])('%j and %j are two questions', (a, b) => expect(questionKey(a)).not.toBe(questionKey(b)));

test('only training rows are left out, each with the first held-out row of its question', () => {
	const rows = [
		{ prompt: 'A', heldOut: false },
		{ prompt: 'a.', heldOut: true },
		{ prompt: 'a', heldOut: true },
		{ prompt: 'b', heldOut: false },
	];
	expect([...heldOutTwins(rows)]).toEqual([[0, 1]]);
});

/** A question in two spellings on different sides: the held-out spelling, then the training spelling. */
function spellings(): [heldOut: string, train: string] {
	for (let i = 0; i < 1000; i++) {
		const [a, b] = [`Name fruit ${i}.`, `name fruit ${i}`];
		if (isHeldOut(a) && !isHeldOut(b)) return [a, b];
	}
	throw new Error('none found');
}

test('own prompts that are also held out are left out with their line', () => {
	const [heldOut, train] = spellings();
	const {
		set,
		lines,
		heldOut: sides,
		skipped,
	} = readPrompts('my.txt', `${train}\n${heldOut}\nSomething else`);
	expect(set.prompts.map(({ text }) => text)).toEqual([heldOut, 'Something else']);
	expect(lines).toEqual([2, 3]);
	expect(sides).toEqual([true, isHeldOut('Something else')]);
	expect(skipped).toEqual([
		{
			line: 1,
			text: train,
			reason:
				'its prompt is also held out: line 2 asks the same, apart from capitals, spaces or the last sign',
		},
	]);
});

test('own pairs whose prompt is also held out are left out; other pairs of the held-out prompt stay', () => {
	const [heldOut, train] = spellings();
	const row = (prompt: string, chosen: string): string =>
		JSON.stringify({ prompt, chosen, rejected: 'I do not know.' });
	const text = [row(heldOut, 'plum'), row(train, 'pear'), row(heldOut, 'fig'), row(train, 'kiwi')].join('\n');
	const { set, lines, skipped } = readPairs('my.jsonl', text);
	expect(set.pairs.map(({ chosen }) => chosen)).toEqual(['plum', 'fig']);
	expect(lines).toEqual([1, 3]);
	expect(skipped.map(({ line, reason }) => [line, reason.split(':')[0]])).toEqual([
		[2, 'its prompt is also held out'],
		[4, 'its prompt is also held out'],
	]);
});
