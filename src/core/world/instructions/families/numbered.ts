/** Numbers: `List three facts about the sea as a numbered list, "1." to "3.", and nothing else.` No run trains on this family. */
import { numeral } from '../../../text/wording.ts';
import { hasSentences, LISTS } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { distinctLines, listItems } from '../text/items.ts';
import { upperFirst } from '../text/sentences.ts';

const COUNTS = [2, 3, 4, 5];

export const numbered: InstructionFamily = {
	id: 'numbered',
	name: 'Numbered list',
	describe: 'So many numbered lines and nothing else; answers often have words around them.',
	topics: LISTS,
	phrasings: [
		'List {n} {request} as a numbered list, "1." to "{last}.", and write nothing else.',
		'Name {n} {request}. Number the lines "1." to "{last}." and add no other text.',
		'Give {n} {request}. Your answer should be {n} lines that begin with "1." to "{last}.".',
		'Write a numbered list, "1." to "{last}.", and nothing else: {n} {request}.',
		'Give me {n} {request}, numbered "1." to "{last}.", one on each line, without any other text.',
		'I need {n} {request} as a plain numbered list, "1." to "{last}.".',
		'Answer only with a numbered list, "1." to "{last}.". Name {n} {request}.',
		'What are {n} {request}? Number them "1." to "{last}." and write nothing else.',
	],
	values: COUNTS.map((count) => ({ n: numeral(count), last: String(count) })),
	fewestWords: 2,
	rule({ n = '', last = '' }, topic) {
		const count = Number(last);
		return {
			fault(answer) {
				const lines = answer.trim().split('\n');
				const wrong = lines.findIndex((line, i) => !(line.startsWith(`${i + 1}. `) && /\p{L}/u.test(line)));
				if (wrong >= 0)
					return `The line “${(lines[wrong] ?? '').slice(0, 40)}” does not begin with “${wrong + 1}.”.`;
				if (lines.length !== count) return `The list does not have ${n} lines but ${numeral(lines.length)}.`;
				return distinctLines(lines) ? null : 'Two lines of the list are the same.';
			},
			mend(answer) {
				const items = listItems(answer, hasSentences(topic)).slice(0, count);
				if (items.length < count)
					return refuse('The answer names too few things, and new ones would be new content.');
				return items.map((item, i) => `${i + 1}. ${upperFirst(item)}`).join('\n');
			},
			remedy: 'The items stay, each with its number.',
		};
	},
};
