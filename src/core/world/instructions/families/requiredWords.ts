/** Required words: `Describe the sea. Use the words "indeed" and "overall" exactly once each.` */
import { PROSE } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { wholeWord } from '../text/phrases.ts';
import { ended, lowerFirst, sentencesOf, upperFirst, wholeText } from '../text/sentences.ts';

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
					(text, word) => (times(text, word) > 1 ? withoutOpeners(text, word) : text),
					answer,
				);
				if (required.some((word) => times(once, word) > 1))
					return refuse('A required word is too often within sentences.');
				const missing = required.filter((word) => times(once, word) === 0);
				return withWords(ended(wholeText(once)), missing, subject);
			},
			remedy: 'The missing words can begin a sentence.',
		};
	},
};

const times = (text: string, word: string): number => [...text.matchAll(wholeWord(word))].length;

/** The text without the word where it begins a sentence: “Indeed, it is wide” → “It is wide”. */
function withoutOpeners(text: string, word: string): string {
	const opener = new RegExp(`(?<=^|[.!?] |\\n)${word}, (\\p{L})`, 'giu');
	return text.replace(opener, (_all, letter: string) => letter.toUpperCase());
}

/** Puts the first word before the first sentence, and the second before the second sentence or at the end. */
function withWords(text: string, [first, second]: readonly string[], subject: string): string {
	const [opening, next] = sentencesOf(text);
	if (first === undefined || opening === undefined) return text;
	if (second === undefined) return opened(text, first, subject);
	if (next === undefined)
		return opened(text.replace(/[.!?…]([”"’')\]*_]{0,5})$/u, `, ${second}.$1`), first, subject);
	const place = text.indexOf(next.text, text.indexOf(opening.text) + opening.text.length);
	return opened(text.slice(0, place) + opened(text.slice(place), second, subject), first, subject);
}

const opened = (text: string, word: string, subject: string): string =>
	`${upperFirst(word)}, ${lowerFirst(text, subject)}`;
