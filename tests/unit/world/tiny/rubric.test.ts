import { describe, expect, it } from 'vitest';
import { reviseAnswer } from '#core/world/tiny/revise.ts';
import { scoreAnswer } from '#core/world/tiny/score.ts';

/** Names of the checks that a text fails. */
function failed(prompt: string, text: string): string[] {
	return scoreAnswer(prompt, text)!.checks.flatMap((check) => (check.passed ? [] : [check.name]));
}

describe('the rubric', () => {
	it.each([
		['Sort these words: pear grape mango.', 'pear, grape, mango.', ['in order']],
		['Sort these words: pear grape mango.', 'grape, mango.', ['all words kept']],
		['Sort these words: pear grape mango.', 'grape, mango, mango, pear.', ['all words kept']],
		['Sort these words: pear grape mango.', 'grape, mango, pear', ['form']],
		['Sort these words: pear grape mango.', 'grape, mango and pear.', []],
		['Put in the past: She sings a song.', 'She sings a song.', ['verb in the past']],
		['Put in the past: She sings a song.', 'She sang.', ['rest kept', 'form']],
		['Put in the past: She sings a song.', 'song a sang She', ['rest kept', 'form']],
		['Put in the past: She sings a song.', 'She singed a song.', ['verb in the past', 'rest kept', 'form']],
		['Reply politely to Mia: Can you send the report?', 'I will send the report.', ['greeting', 'kind word']],
		['Reply politely to Mia: Can you send the report?', 'Hello Mia, of course I will send the report.', []],
		[
			'Reply politely to Mia: Can you send the report?',
			'Dear Max, I will gladly send the report.',
			['greeting', 'form'],
		],
		[
			'Reply politely to Mia: Can you send the report?',
			'Dear Mia, I will gladly send the list.',
			['promise', 'form'],
		],
		['Give JSON: name Ada, age 36.', '{name: Ada, age: 36}', ['quotes', 'valid JSON']],
		['Give JSON: name Ada, age 36.', '{"name": "Ada", "age": "36"}', ['all facts']],
		['Give JSON: name Ada, age 36.', '{"name": "Ada"}', ['quotes', 'all facts']],
		['Give JSON: name Ada, age 36.', '{ "age": 36, "name": "Ada" }', []],
		['Add: 17 + 26.', '17 + 26 = 1726.', ['right sum']],
		['Add: 17 + 26.', '43', ['numbers kept', 'form']],
		['Add: 17 + 26.', '7 + 26 = 43.', ['numbers kept']],
		['List three fruits. Start with plum.', 'plum, pear.', ['count']],
		['List three fruits. Start with plum.', 'plum, plum, pear.', ['count']],
		['List three fruits. Start with plum.', 'pear, plum, lion.', ['all of the kind', 'first item']],
		['Plural of: leaf, mouse.', 'leaf, mouse.', ['in the plural']],
		['Plural of: leaf, mouse.', 'leafs, mice.', ['in the plural']],
		['Plural of: leaf, mouse.', 'mice, leaves.', ['in the plural']],
		['Opposite of: narrow, hot.', 'not narrow, not hot.', ['true opposites']],
		['Opposite of: narrow, hot.', 'wide.', ['true opposites', 'one for each']],
	])('%s ← %s fails %j', (prompt, text, checks) => {
		expect(failed(prompt, text)).toEqual(checks);
	});
});

describe('the reviser', () => {
	it.each([
		[
			'Reply politely to Mia: Can you send the report?',
			'Hello Mia, I will send the report.',
			'Hello Mia, I will gladly send the report.',
		],
		[
			'Reply politely to Mia: Can you send the report?',
			'of course I will send the report.',
			'Dear Mia, of course I will send the report.',
		],
		['List four fruits. Start with plum.', 'plum, mango, lion.', 'plum, mango, apple, grape.'],
		['List three fruits. Start with plum.', 'plum and pear.', 'plum, pear and apple.'],
		[
			'Sort these words: pear grape mango.',
			'Um, grape, pear, mango. Hope this helps.',
			'grape, mango, pear.',
		],
	])('%s: %s → %s keeps what is right', (prompt, text, revised) => {
		expect(reviseAnswer(prompt, text, 1)?.revised).toBe(revised);
	});

	it('names the merits, quotes the wrong word and says that the rest may stay', () => {
		const { reasoning } = reviseAnswer('Sort these words: pear grape mango.', 'pear, grape, mango.', 1)!;
		expect(reasoning).toContain('kept all three words and wrote a plain list');
		expect(reasoning).toContain(
			'in the order of the question, not of the alphabet: “pear” belongs at the end, after “mango”.',
		);
		expect(reasoning.split(/(?<=\.) /).length).toBeGreaterThanOrEqual(3);
	});

	it('varies its wording with the seed, never the revision', () => {
		const revisions = Array.from({ length: 20 }, (_, seed) =>
			reviseAnswer('Add: 17 + 26.', '17 + 26 = 1726.', seed)!,
		);
		expect(new Set(revisions.map((revision) => revision.revised))).toEqual(new Set(['17 + 26 = 43.']));
		expect(new Set(revisions.map((revision) => revision.reasoning)).size).toBeGreaterThan(2);
		expect(reviseAnswer('Add: 17 + 26.', '17 + 26 = 1726.', 4)).toEqual(revisions[4]);
	});
});
