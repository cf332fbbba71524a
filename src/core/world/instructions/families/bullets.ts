/** Bullets: `List three facts about the sea. Write exactly three lines, each beginning with "- ".` */
import { numeral, readNumeral } from '../../../text/wording.ts';
import { hasSentences, LISTS } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { distinctLines, listItems } from '../text/items.ts';
import { upperFirst } from '../text/sentences.ts';

const COUNTS = [2, 3, 4];

export const bullets: InstructionFamily = {
	id: 'bullets',
	name: 'Bullet points',
	describe:
		'So many lines with a dash and nothing else; answers have other marks, other counts or words around.',
	topics: LISTS,
	phrasings: [
		'List {n} {request}. Write exactly {n} lines, each beginning with "- ".',
		'Name {n} {request}. Your answer should be {n} bullet points that begin with "- ", and nothing else.',
		'Give {n} {request} as {n} lines, each one with "- " in front, and no other text.',
		'Write {n} bullet points, each on its own line and starting with "- ": {n} {request}.',
		'Give me {n} {request}. Use only {n} bullet points with "- ".',
		'I need {n} {request}, as a list of {n} lines that each start with "- ".',
		'Answer only with {n} lines that begin with "- ". Name {n} {request}.',
		'What are {n} {request}? Put each on a line of its own after "- " and write nothing else.',
	],
	values: COUNTS.map((count) => ({ n: numeral(count) })),
	fewestWords: 2,
	rule({ n = '' }, topic) {
		const count = readNumeral(n) ?? 0;
		return {
			fault(answer) {
				const lines = answer.trim().split('\n');
				const wrong = lines.find((line) => !/^- [^\s-]/.test(line));
				if (wrong !== undefined)
					return `The line “${wrong.slice(0, 40)}” does not begin with “- ” and a word.`;
				if (lines.length !== count) return `The list does not have ${n} lines but ${numeral(lines.length)}.`;
				return distinctLines(lines) ? null : 'Two lines of the list are the same.';
			},
			mend(answer) {
				const items = listItems(answer, hasSentences(topic)).slice(0, count);
				if (items.length < count)
					return refuse('The answer names too few things, and new ones would be new content.');
				return items.map((item) => `- ${upperFirst(item.replace(/^[^\p{L}\p{N}"“(]{1,9}/u, ''))}`).join('\n');
			},
			remedy: 'The items stay, one on each line.',
		};
	},
};
