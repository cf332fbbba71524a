/** Properties of the functions that read a reviser's reply or compare two texts. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as v from 'valibot';
import type { Output } from '#core/output/output.ts';
import { offeredText, waitingRevision, withOverrule, withReply } from '#core/revision/decide.ts';
import { diffWords, levenshtein, measureContrast } from '#core/revision/measures.ts';
import { parseReply } from '#core/revision/replyParser.ts';
import { revisionReply } from '#core/revision/request.ts';
import { revisionSchema } from '#core/revision/revision.ts';
import { instructions } from '#core/world/instructions/instructions.ts';
import { reviseAnswer, scoreAnswer } from '#core/world/registry.ts';
import { type FuzzTarget, target } from './target.ts';

/** Parts of replies as models write them, and signs that almost form such parts. */
const PART = fc.oneof(
	fc.constantFrom(
		'{corrected_student_solution}',
		'{teacher_reasoning}',
		'{student_solution}',
		'**Corrected student solution**',
		'<think>',
		'</think>',
		'<corrected_student_solution>',
		'</corrected_student_solution>',
		'{"corrected_student_solution": "',
		'```',
		'```js',
		'---',
		'> ',
		': ',
		'\n',
		'\n\n',
		'\r\n',
		'"',
		'“',
		'”',
		'{',
		'}',
		'**',
		'<|im_end|>',
		'</s>',
		'Sure!',
		'Here is the answer:',
		'Option 1: ',
		'Option 2: ',
		'No changes needed.',
		'I have corrected the text.',
		'Let me know!',
		'A spider has eight legs.',
		'한국어',
		'漢字かな',
		'\uD83D',
		'\u0000',
	),
	fc.string({ maxLength: 12 }),
	fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const reply = fc.array(PART, { maxLength: 24 }).map((parts) => parts.join(''));
const sentence = fc
	.array(fc.constantFrom('spider', 'legs', 'web', 'lives', 'eight', 'the', 'in', 'river', 'cold'), {
		minLength: 3,
		maxLength: 12,
	})
	.map((words) => `${words.join(' ')}.`);

function outputOf(text: string): Output {
	return {
		id: 'p.o1',
		prompt: { id: 'p', text: 'Describe it.', family: null },
		text,
		finishReason: 'stop',
		model: 'm',
		sampling: { temperature: 1, topP: 1, maxTokens: 8, seed: 1 },
		tokens: 1,
	};
}

/** Two prompts of each family of instructions. */
const INSTRUCTIONS = (['train', 'untouched'] as const).flatMap((split) =>
	instructions.prompts({ count: 28, seed: 3, split }).map(({ text }) => text),
);

const PROMPTS = [
	'Add: 17 + 26.',
	'List three fruits. Start with plum.',
	'Give JSON: name Ada, age 36.',
] as const;

export const targets: FuzzTarget[] = [
	target(
		'a reply gives a text or a reason',
		fc.tuple(reply, fc.oneof(reply, sentence)),
		([text, original]) => {
			const parsed = parseReply(text, original);
			if (parsed.ok) {
				assert.notEqual(parsed.revised, '');
				assert.equal(parsed.revised, parsed.revised.trim());
				assert.notEqual(parsed.revised, original.trim());
			} else assert.notEqual(parsed.detail, '');
		},
	),
	target(
		'a row with any reply is valid, and so is its overrule',
		fc.tuple(reply, sentence),
		([text, answer]) => {
			const row = withReply(waitingRevision(outputOf(answer)), text);
			v.parse(revisionSchema, JSON.parse(JSON.stringify(row)));
			const used = withOverrule(row);
			v.parse(revisionSchema, JSON.parse(JSON.stringify(used)));
			assert.equal(used === row, offeredText(row) === null);
		},
	),
	target(
		'an edit of a plain sentence is taken as it is',
		fc.tuple(sentence, fc.nat(50)),
		([answer, place]) => {
			const words = answer.split(' ');
			const revised = words.toSpliced(place % words.length, 0, 'quiet').join(' ');
			const parsed = parseReply(revisionReply('A word is missing.', revised), answer);
			assert.deepEqual(parsed, {
				ok: true,
				revised,
				reasoning: 'A word is missing.',
				rule: 'brace-marker-colon',
			});
		},
	),
	target('the measures of two texts are finite', fc.tuple(reply, reply), ([a, b]) => {
		for (const measure of Object.values(measureContrast(a, b)))
			assert.ok(Number.isFinite(measure) && measure >= 0);
		assert.equal(levenshtein(a, b), levenshtein(b, a));
		const pieces = diffWords(a, b);
		const spell = (side: string): string =>
			pieces.map(({ kind, text }) => (kind === 'same' || kind === side ? text : '')).join('');
		assert.equal(spell('removed'), a);
		assert.equal(spell('added'), b);
	}),
	target(
		'any answer has a score, and its repair passes',
		fc.tuple(fc.constantFrom(...PROMPTS), reply, fc.nat(99)),
		([prompt, answer, seed]) => {
			const score = scoreAnswer(prompt, answer)?.score ?? -1;
			assert.ok(score >= 0 && score <= 1);
			const revision = reviseAnswer(prompt, answer, seed);
			assert.ok(revision !== null && 'revised' in revision);
			assert.equal(scoreAnswer(prompt, revision.revised)?.score, 1);
		},
	),
	target(
		'an answer to an instruction is mended or refused',
		fc.tuple(fc.constantFrom(...INSTRUCTIONS), reply, fc.nat(99)),
		([prompt, answer, seed]) => {
			const score = scoreAnswer(prompt, answer);
			assert.ok(score !== null && (score.loose || !score.strict));
			const revision = reviseAnswer(prompt, answer, seed);
			assert.ok(revision !== null);
			if ('refused' in revision) assert.match(revision.refused, /\.$/);
			else assert.equal(scoreAnswer(prompt, revision.revised)?.strict, true);
		},
	),
	target('any text can be read as a prompt of a world', reply, (text) => {
		assert.equal(scoreAnswer(`Describe ${text} in at most 15 words.`, text), null);
		scoreAnswer(text, text);
	}),
];
