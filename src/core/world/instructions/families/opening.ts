/** Opening: `Describe the sea. Begin your answer with "In short,".` → `In short, the sea is wide.` */
import { PROSE } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { withoutStart } from '../text/phrases.ts';
import { lowerFirst, tokensOf, upperFirst, wholeText } from '../text/sentences.ts';

const PHRASES = [
	'In short,',
	'Simply put,',
	'To put it simply,',
	'In a few words,',
	'As far as I know,',
	'Good question.',
	'Let me explain.',
	'Here is my answer.',
	'Thank you for asking.',
	'Well,',
];

export const opening: InstructionFamily = {
	id: 'opening',
	name: 'Opening phrase',
	describe: 'The answer begins with given words; answers often leave them out or say them twice.',
	topics: PROSE,
	phrasings: [
		'{Request}. Begin your answer with the words "{phrase}".',
		'{Request}. Start with "{phrase}".',
		'{Request}. The first words of your answer should be "{phrase}".',
		'Please {request}. Open your answer with "{phrase}".',
		'Begin with "{phrase}" and {request}.',
		'{Request}. Your answer must start with "{phrase}".',
		'Starting with the words "{phrase}", {request}.',
		'{Request}, with "{phrase}" as the opening words.',
	],
	values: PHRASES.map((phrase) => ({ phrase })),
	fewestWords: 4,
	rule({ phrase = '' }, { subject }) {
		return {
			fault(answer) {
				const text = answer.trim();
				if (!text.startsWith(phrase))
					return `The answer begins with “${text.slice(0, 24)}”, not with “${phrase}”.`;
				const rest = text.slice(phrase.length).replace(/^[^\p{L}\p{N}]{1,9}/u, '');
				if (withoutStart(rest, phrase) !== rest.trim()) return `“${phrase}” is there more than once.`;
				return tokensOf(rest).length < 3 ? `Hardly anything follows “${phrase}”.` : null;
			},
			mend(answer) {
				const rest = withoutStart(wholeText(answer), phrase);
				if (rest === '') return refuse('The answer has no words to keep.');
				return `${phrase} ${phrase.endsWith(',') ? lowerFirst(rest, subject) : upperFirst(rest)}`;
			},
			remedy: 'The given words come first, and the rest follows.',
		};
	},
};
