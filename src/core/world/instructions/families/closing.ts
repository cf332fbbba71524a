/** Closing: `Describe the sea. End your answer with "That is all."` → `The sea is wide. That is all.` */
import { PROSE } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { placeOf, without } from '../text/phrases.ts';
import { ended, tokensOf, wholeText } from '../text/sentences.ts';

const PHRASES = [
	'That is all.',
	'I hope this helps.',
	'Thank you for reading.',
	'End of answer.',
	'Do you have any other questions?',
	'Is there anything else?',
	'Have a nice day!',
	'And that is that.',
	'Now you know.',
	'What do you think?',
];

export const closing: InstructionFamily = {
	id: 'closing',
	name: 'Closing phrase',
	describe: 'The answer ends with given words; answers often leave them out.',
	topics: PROSE,
	phrasings: [
		'{Request}. End your answer with the words "{phrase}"',
		'{Request}. Finish with "{phrase}"',
		'{Request}. The last words of your answer should be "{phrase}"',
		'Please {request}. Close your answer with "{phrase}"',
		'{Request} and end with "{phrase}"',
		'{Request}. Your answer must finish with "{phrase}"',
		'{Request}, with "{phrase}" as the closing words.',
		'Finish your answer with "{phrase}" {Request}.',
	],
	values: PHRASES.map((phrase) => ({ phrase })),
	fewestWords: 4,
	rule({ phrase = '' }) {
		return {
			fault(answer) {
				const text = answer.trim();
				if (!text.endsWith(phrase)) return `The answer ends with “${text.slice(-24)}”, not with “${phrase}”.`;
				const body = text.slice(0, -phrase.length).trim();
				if (lettersOf(body).endsWith(lettersOf(phrase))) return `“${phrase}” is there more than once.`;
				return tokensOf(body).length < 3 ? `Hardly anything comes before “${phrase}”.` : null;
			},
			mend(answer) {
				const place = placeOf(answer, phrase);
				if (tokensOf(answer.slice(0, Math.max(0, place))).length >= 3)
					return `${ended(answer.slice(0, place))} ${phrase}`;
				const kept = wholeText(without(answer.trim(), phrase));
				if (kept === '') return refuse('The answer has no words to keep.');
				return `${ended(kept)} ${phrase}`;
			},
			remedy: 'The given words come last, and nothing after them.',
		};
	},
};

const lettersOf = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
