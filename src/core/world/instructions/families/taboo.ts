/** Taboo: `Describe the sea without using the word "sea".` → `It is wide.` A pronoun replaces the word. */
import { SUBJECTS, type Topic } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { VERBS } from '../text/clauses.ts';
import { wholeWord } from '../text/phrases.ts';
import { bare, upperFirst } from '../text/sentences.ts';

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
				pronouns(answer, word, topic) ?? refuse(`No pronoun can take the place of “${word}” in this answer.`),
			remedy: 'A pronoun can take its place.',
		};
	},
};

const nounOf = (subject: string): string => subject.split(' ').at(-1) ?? '';

const DETERMINERS = /^(?:the|a|an|this|that|these|those)$/;
const BEFORE_OBJECT =
	/^(?:of|to|in|on|at|for|from|with|by|about|into|onto|over|under|between|through|like|as|than|around|across|near|is|are|use|uses|love|loves|make|makes|keep|keeps|have|has|and|or|describe|see|called)$/;
const AFTER_NOUN =
	/^(?:|of|to|in|on|at|for|from|with|by|about|as|and|or|but|that|which|who|where|when|while|because|so|also|often|usually|always|never|not|itself|themselves|into|through|during|than)$/;

/** A place of the word in a sentence. */
interface Place {
	before: string;
	after: string;
	/** True if no word or a mark is before the word and its article. */
	first: boolean;
	/** True if a mark follows, such as a comma. */
	last: boolean;
}

/** The text with a pronoun for each place of the word; null if a place has none. */
function pronouns(text: string, word: string, topic: Topic): string | null {
	const form = new RegExp(`^(["“(*]*)${word}(['’]s|['’])?([^\\p{L}\\p{N}'’-]{0,6})$`, 'iu');
	const tokens = text.split(/(\s+)/);
	for (let i = 0; i < tokens.length; i += 2) {
		if (!wholeWord(word).test(tokens[i] ?? '')) continue;
		const match = form.exec(tokens[i] ?? '');
		if (match === null) return null;
		const [, open = '', possessive = '', close = ''] = match;
		const start = firstOfNoun(tokens, i, topic, word);
		const place = placeOf(tokens, start, i, close !== '');
		const pronoun =
			possessive === '' ? pronounFor(place, topic.number === 'many') : possessiveFor(place, topic);
		if (pronoun === null) return null;
		tokens.splice(start, i - start + 1, `${open}${place.first ? upperFirst(pronoun) : pronoun}${close}`);
		i = start;
	}
	return tokens.join('');
}

function placeOf(tokens: readonly string[], start: number, end: number, last: boolean): Place {
	const previous = tokens[start - 2] ?? '';
	const first = start === 0 || /[.!?:]["”]?$/.test(previous.slice(-2));
	return { before: bare(previous), after: bare(tokens[end + 2] ?? ''), first, last };
}

/** The token at which the noun's group begins: the word alone, with an article, or the whole subject. */
function firstOfNoun(tokens: readonly string[], i: number, { subject }: Topic, word: string): number {
	const whole = subject
		.replace(/^(?:the|an?) /, '')
		.toLowerCase()
		.split(' ');
	const extra = 2 * (whole.length - 1);
	const group = tokens
		.slice(Math.max(0, i - extra), i + 1)
		.filter((_, k) => k % 2 === 0)
		.map(bare);
	const isWhole =
		extra > 0 && i >= extra && [...group.slice(0, -1), word.toLowerCase()].join(' ') === whole.join(' ');
	const start = isWhole ? i - extra : i;
	return DETERMINERS.test(bare(tokens[start - 2] ?? '')) ? start - 2 : start;
}

/** True if no adjective is before the word: “the sea”, not “the deep sea”. */
function isGroup({ before, first }: Place): boolean {
	return first || BEFORE_OBJECT.test(before) || AFTER_NOUN.test(before) || VERBS.has(before);
}

const possessiveFor = (place: Place, { number }: Topic): string | null =>
	isGroup(place) ? (number === 'many' ? 'their' : 'its') : null;

/** Null if the place is no noun group of its own, such as “deep sea” or “sea animals”. */
function pronounFor(place: Place, many: boolean): string | null {
	const isSubject = VERBS.has(place.after) && !place.last;
	if (!isGroup(place) || !(place.last || isSubject || AFTER_NOUN.test(place.after))) return null;
	if (!many) return 'it';
	return place.first || isSubject ? 'they' : 'them';
}
