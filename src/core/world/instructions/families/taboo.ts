/** Taboo: `Describe the sea without using the word "sea".` → `It is wide.` A pronoun replaces the word. */
import { SUBJECTS } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { wholeWord } from '../text/phrases.ts';
import { withPronouns } from '../text/pronouns.ts';
import { wholeText } from '../text/sentences.ts';

export const taboo: InstructionFamily = {
	id: 'taboo',
	name: 'Forbidden word',
	describe: 'A text about a thing without the word for it; answers usually use the word.',
	topics: SUBJECTS,
	phrasings: [
		'{Request} without using the word "{word}".',
		'{Request}. Do not use the word "{word}".',
		'{Request}. The word "{word}" is forbidden.',
		'Please {request}, but never write the word "{word}".',
		'Without the word "{word}", {request}.',
		'{Request}. Your answer must not contain the word "{word}".',
		'{Request}, avoiding the word "{word}".',
		'As in a game of taboo, {request} without saying "{word}".',
	],
	values: [{}],
	topicSlots: ({ subject }) => ({ word: nounOf(subject) }),
	fewestWords: 3,
	rule({ word = '' }, topic) {
		return {
			fault(answer) {
				const count = [...answer.matchAll(wholeWord(word))].length;
				if (count === 0) return null;
				return count === 1
					? `The answer uses the word “${word}”.`
					: `The answer uses “${word}” ${count} times.`;
			},
			mend: (answer) =>
				withPronouns(wholeText(answer), { word, ...topic }) ??
				refuse(`No pronoun can take the place of “${word}” in this answer.`),
			remedy: 'A pronoun can take its place.',
		};
	},
};

const nounOf = (subject: string): string => subject.split(' ').at(-1) ?? '';
