/** Required words: `Describe the sea. Use the words "indeed" and "overall" exactly once each.` */
import { PROSE } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { wholeWord, without } from '../text/phrases.ts';
import { ended, joined, lowerFirst, upperFirst, wholeSentences } from '../text/sentences.ts';

/** Adverbs that fit before any sentence. */
const ADVERBS = [
	'indeed',
	'overall',
	'of course',
	'in fact',
	'in general',
	'clearly',
	'naturally',
	'after all',
];
const PAIRS = ADVERBS.flatMap((first, i) => ADVERBS.slice(i + 1).map((second) => ({ first, second })));

export const requiredWords: InstructionFamily = {
	id: 'required-words',
	name: 'Required words',
	describe: 'Two given words, each exactly once; answers often leave one out.',
	topics: PROSE,
	phrasings: [
		'{Request}. Use the words "{first}" and "{second}" exactly once each.',
		'{Request}. Include "{first}" and "{second}", each exactly once.',
		'{Request}. Your answer must contain "{first}" once and "{second}" once.',
		'Please {request}. Write "{first}" one time and "{second}" one time.',
		'Using "{first}" once and "{second}" once, {request}.',
		'{Request}, with "{first}" and "{second}" each used exactly one time.',
		'{Request}. Somewhere in your answer, use "{first}" exactly once and "{second}" exactly once.',
		'Use "{first}" and "{second}" exactly once each and {request}.',
	],
	values: PAIRS,
	fewestWords: 5,
	rule({ first = '', second = '' }, { subject }) {
		const required = [first, second];
		return {
			fault(answer) {
				const wrong = required.find((word) => times(answer, word) !== 1);
				if (wrong === undefined) return null;
				const found = times(answer, wrong);
				return found === 0 ? `“${wrong}” is missing.` : `“${wrong}” is there ${found} times, not once.`;
			},
			mend(answer) {
				const once = required.reduce(
					(text, word) => (times(text, word) > 1 ? without(text, word) : text),
					answer,
				);
				const sentences = wholeSentences(once).map(({ text }) => ended(text));
				const missing = required.filter((word) => times(once, word) === 0);
				if (sentences.length < missing.length)
					return refuse('The answer has too few sentences for the words.');
				const added = sentences.map((text, i) => {
					const word = missing[i];
					return word === undefined ? text : `${upperFirst(word)}, ${lowerFirst(text, subject)}`;
				});
				return joined(added.map((text) => ({ text, complete: true })));
			},
			remedy: 'The missing words can begin a sentence.',
		};
	},
};

const times = (text: string, word: string): number => [...text.matchAll(wholeWord(word))].length;
