/** Properties of every family, over random texts and over answers made of the parts that small models write. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reviseInstruction, scoreInstruction } from '#core/world/instructions/check.ts';
import { trained, untouched } from '#core/world/instructions/families.ts';
import { instructionPrompts } from '#core/world/instructions/prompts.ts';
import { tokensOf } from '#core/world/instructions/text/sentences.ts';
import { revisionReply } from '#core/revision/request.ts';
import { parseReply } from '#core/revision/replyParser.ts';

const PARTS = [
	'Sure! Here is a short text about it:\n',
	'Here are three:\n',
	'In short, ',
	'In short, in short, ',
	'The sea is a vast, mysterious and deep body of water that covers most of the planet. ',
	'Cats are small animals, and they sleep a lot. ',
	'A bakery is a place where bread is made, sold and eaten. ',
	'It is used for many things, such as food, light and heat, which people need. ',
	'However, I’m not sure. ',
	'You can use it in many ways, for example to save water and ',
	'1. **Apples**: they are sweet.\n',
	'2. Pears\n',
	'3) Plums, figs and dates\n',
	'- Take a warm blanket\n',
	'* Drink more water.\n',
	'Overall, indeed, of course, in fact, after all. ',
	'"The Golden Crust"',
	'**The Golden Crust**',
	'{"topic": "the sea", "answer": "It is wide and deep."}',
	'```json\n{"topic": "a", ',
	'<<A Title>>\n',
	'# A Title\n\n',
	'La mer est grande et belle, et elle est dans le monde. ',
	'That is all. ',
	'I hope this helps! ',
	'as an AI language model',
	'…',
	'\n\n',
	'It is a beautiful and',
];
const realLike = fc
	.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 8 })
	.map((parts) => parts.join(''));
const answers = fc.oneof(
	{ weight: 5, arbitrary: realLike },
	{ weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
	{ weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...Array.from('aB c.,"*-1\n“”<>{}:!')) }) },
);

const promptsOf = (id: string): string[] => {
	const isUntouched = untouched.some((family) => family.id === id);
	const split = isUntouched ? 'untouched' : 'train';
	const all = instructionPrompts({
		count: isUntouched ? 24 : 12,
		seed: 9,
		split,
		...(isUntouched ? {} : { families: [id] }),
	});
	return all.filter(({ family }) => family === id).map(({ text }) => text);
};

describe.each([...trained, ...untouched].map(({ id }) => [id]))('family %s', (id) => {
	const prompts = promptsOf(id);
	it(
		'revises to an answer that passes the strict check, or refuses with a sentence',
		{ timeout: 60_000 },
		() => {
			fc.assert(
				fc.property(fc.constantFrom(...prompts), answers, (prompt, answer) => {
					const score = scoreInstruction(prompt, answer);
					if (score === null) throw new Error(prompt);
					expect(score.score).toBe(score.strict ? 1 : 0);
					expect(score.strict && !score.loose).toBe(false);
					for (const { reason } of score.checks) expect(reason).toMatch(/^\S.*[.”]$/su);
					const revision = reviseInstruction(prompt, answer, 1);
					if (revision === null) throw new Error(prompt);
					if ('refused' in revision) {
						expect(score.strict).toBe(false);
						expect(revision.refused).toMatch(/^[A-Z].*\.$/su);
						return;
					}
					expect(revision.changed).toBe(!score.strict);
					const after = scoreInstruction(prompt, revision.revised);
					expect(after?.strict, `${prompt}\n${answer}\n→ ${revision.revised}`).toBe(true);
					expect(reviseInstruction(prompt, revision.revised, 1)).toMatchObject({ changed: false });
				}),
				{ numRuns: 150, seed: 1 },
			);
		},
	);

	it('keeps most words of the answer and adds few', () => {
		fc.assert(
			fc.property(fc.constantFrom(...prompts), realLike, (prompt, answer) => {
				const revision = reviseInstruction(prompt, answer, 1);
				if (revision === null || 'refused' in revision) return;
				const before = new Set(
					tokensOf(answer).map((token) => token.toLowerCase().replace(/[^\p{L}]/gu, '')),
				);
				const after = tokensOf(revision.revised).map((token) =>
					token.toLowerCase().replace(/[^\p{L}]/gu, ''),
				);
				const added = after.filter((word) => !before.has(word) && word !== '');
				expect(added.length, `${prompt}\n${answer}\n→ ${revision.revised}`).toBeLessThanOrEqual(14);
			}),
			{ numRuns: 60, seed: 2 },
		);
	});

	it('writes replies that the parser takes as they are meant', () => {
		fc.assert(
			fc.property(fc.constantFrom(...prompts), realLike, (prompt, answer) => {
				const revision = reviseInstruction(prompt, answer, 1);
				if (revision === null || 'refused' in revision || !revision.changed) return;
				const accepts = (text: string): boolean => scoreInstruction(prompt, text)?.strict === true;
				const parsed = parseReply(revisionReply(revision.reasoning, revision.revised), answer, accepts);
				// A mend of a text that hardly differs or that has no words left may still be refused: it gives no pair.
				if (parsed.ok) expect(parsed.revised).toBe(revision.revised.trim());
			}),
			{ numRuns: 40, seed: 3 },
		);
	});
});
