/** Past tense: `Put in the past: She walks to school.` → `She walked to school.` The flaw: the verb stays in the present. */
import { at } from '../../../math/at.ts';
import { WEIGHTS, type Family, type Finding, type Task } from '../family.ts';
import { phrasing } from '../phrasing.ts';
import { quote } from '../../../text/wording.ts';
import { clutterFault, dissect, wordsOf } from '../text.ts';
import { SUBJECTS } from '../words/people.ts';
import { VERBS, type Verb } from '../words/verbs.ts';

const PHRASING = phrasing(['Put in the past: {}.', 'Past tense: {}.', 'Say it in the past: {}.']);
const BY_THIRD = new Map(VERBS.map((verb) => [verb.third, verb]));

interface Sentence {
	before: string;
	verb: Verb;
	after: string;
}

export const pastTense: Family = {
	id: 'past-tense',
	name: 'Past tense',
	describe: 'A sentence to put in the past; flawed answers leave the verb in the present.',
	ownCheck: 'verb in the past',
	practice: 1,
	draw(rng) {
		const verb = rng.pick(VERBS);
		return PHRASING.write(rng, `${rng.pick(SUBJECTS)} ${verb.third} ${rng.pick(verb.rests)}`);
	},
	read(promptText) {
		const slots = PHRASING.read(promptText);
		const sentence = slots && readSentence(at(slots, 0));
		return sentence && task(sentence);
	},
};

/** Finds a sentence with exactly one known verb, and words before and after it. */
function readSentence(text: string): Sentence | null {
	const words = text.split(' ');
	const verbs = words.flatMap((word, i) => (BY_THIRD.has(word.toLowerCase()) ? [i] : []));
	const [place, second] = verbs;
	if (place === undefined || second !== undefined || place === 0 || place === words.length - 1) return null;
	const verb = BY_THIRD.get(at(words, place).toLowerCase());
	if (!verb) return null;
	return { before: words.slice(0, place).join(' '), verb, after: words.slice(place + 1).join(' ') };
}

function task({ before, verb, after }: Sentence): Task {
	const write = (form: string): string => `${before} ${form} ${after}.`;
	const answer = write(verb.past);
	return {
		family: pastTense.id,
		answer,
		check: (text) => {
			const words = wordsOf(dissect(text).body);
			return [inThePast(words, verb), restKept(words, wordsOf(answer), verb), form(text, answer, verb)];
		},
		repair: () => answer,
		ownFlaw: () => write(verb.third),
	};
}

function inThePast(words: readonly string[], verb: Verb): Finding {
	return {
		name: 'verb in the past',
		weight: WEIGHTS.skill,
		passed: words.includes(verb.past) && !words.includes(verb.third),
		praise: `put the verb in the past (${quote(verb.past)})`,
		fault: words.includes(verb.third)
			? `The verb is still in the present: ${quote(verb.third)} should be ${quote(verb.past)}.`
			: `The verb should be ${quote(verb.past)}, the past of ${quote(verb.third)}.`,
	};
}

/** Compares all words except the verb. */
function restKept(words: readonly string[], wanted: readonly string[], verb: Verb): Finding {
	const rest = (list: readonly string[]): string =>
		list.filter((word) => word !== verb.past && word !== verb.third).join(' ');
	const missing = wanted.find((word) => word !== verb.past && !words.includes(word));
	return {
		name: 'rest kept',
		weight: WEIGHTS.whole,
		passed: rest(words) === rest(wanted),
		praise: 'kept the rest of the sentence',
		fault:
			missing === undefined
				? 'The other words of the sentence should stay as they are, each once.'
				: `The sentence lost ${quote(missing)}.`,
	};
}

/** Passes if the text is the sentence, with the verb in either tense: another check tests the tense. */
function form(text: string, answer: string, verb: Verb): Finding {
	const trimmed = text.trim();
	const skeleton = (sentence: string): string =>
		sentence
			.split(' ')
			.map((word) => (word === verb.past || word === verb.third ? '_' : word))
			.join(' ');
	const passed = skeleton(trimmed) === skeleton(answer);
	return {
		name: 'form',
		weight: WEIGHTS.form,
		passed,
		praise: 'wrote one whole sentence',
		fault: clutterFault(text) ?? `The answer should be the one sentence ${quote(answer)}`,
	};
}
