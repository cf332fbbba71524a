/** Replaces a noun by pronouns: “The sea is wide” → “It is wide”. Only in places that short lists of words can judge. */
import { VERBS } from './clauses.ts';
import { wholeWord } from './phrases.ts';
import { bare, upperFirst } from './sentences.ts';

export interface Noun {
	word: string;
	/** The noun with its article and adjectives: `a rainy day`. */
	subject: string;
	number: 'one' | 'mass' | 'many';
}

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));
const ARTICLES = words('the a an this that these those');
const BEFORE_ADJECTIVE = words('the a an this that these those its their his her our your my very most more');
const BEFORE_OBJECT = words(
	'of to in on at for from with by about into onto over under between through like as than around across near is are use uses love loves make makes keep keeps have has and or describe see called',
);
const RELATIVE = words('that which who');
const AFTER_NOUN = words(
	'of to in on at for from with by about as and or but where when while because so also often usually always never not itself themselves into through during than without',
);

/** A place of the noun in a sentence. */
interface Place {
	before: string;
	after: string;
	/** True if the noun, with its article, begins a sentence. */
	first: boolean;
	/** True if a mark follows, such as a comma. */
	last: boolean;
	/** True if an adjective of the text is between the noun and its article: “this iconic stadium”. */
	described: boolean;
}

/** The text with a pronoun for each place of the word; null if a place has none. */
export function withPronouns(text: string, noun: Noun): string | null {
	const form = new RegExp(`^([(*]*)${noun.word}(['’]s|['’])?([^\\p{L}\\p{N}'’"“”-]{0,6})$`, 'iu');
	const tokens = text.trim().split(/(\s+)/);
	for (let i = 0; i < tokens.length; i += 2) {
		if (!wholeWord(noun.word).test(tokens[i] ?? '')) continue;
		const start = startOf(tokens, i, noun);
		const pronoun = pronounAt(tokens, start, i, noun, form);
		if (pronoun === null) return null;
		tokens.splice(start, i - start + 1, pronoun);
		i = start;
	}
	return tokens.join('');
}

/** The pronoun with the signs around the noun. */
function pronounAt(
	tokens: readonly string[],
	start: number,
	end: number,
	noun: Noun,
	form: RegExp,
): string | null {
	const token = tokens[end] ?? '';
	const match = form.exec(token);
	if (match === null) return null;
	const [, open = '', possessive = '', close = ''] = match;
	const place = placeOf(tokens, start, end, close !== '');
	const isName = start === end && !place.first && /^[(*]*\p{Lu}\p{Ll}/u.test(token);
	const pronoun = possessive === '' ? pronounFor(place, noun) : possessiveFor(place, noun);
	return pronoun === null || isName ? null : `${open}${place.first ? upperFirst(pronoun) : pronoun}${close}`;
}
/** The token at which the noun's group begins: the word alone, with an article, or the whole subject. */
function startOf(tokens: readonly string[], i: number, { subject, word }: Noun): number {
	const whole = subject
		.toLowerCase()
		.split(' ')
		.filter((each) => !ARTICLES.has(each));
	const extra = 2 * (whole.length - 1);
	const group = tokens
		.slice(Math.max(0, i - extra), i)
		.filter((_token, k) => k % 2 === 0)
		.map(bare);
	const isWhole = i >= extra && [...group, word.toLowerCase()].join(' ') === whole.join(' ');
	const start = isWhole ? i - extra : i;
	return ARTICLES.has(bare(tokens[start - 2] ?? '')) ? start - 2 : start;
}

function placeOf(tokens: readonly string[], start: number, end: number, last: boolean): Place {
	const previous = tokens[start - 2] ?? '';
	const first =
		start === 0 || /[.!?:]["”]?$/.test(previous.slice(-2)) || (tokens[start - 1] ?? '').includes('\n');
	const described = /^\p{Ll}+$/u.test(previous) && BEFORE_ADJECTIVE.has(bare(tokens[start - 4] ?? ''));
	return { before: bare(previous), after: bare(tokens[end + 2] ?? ''), first, last, described };
}

/** True if no adjective is before the noun: “the sea”, not “the deep sea”. */
function isAlone({ before, first }: Place): boolean {
	return first || before === '' || BEFORE_OBJECT.has(before) || AFTER_NOUN.has(before) || VERBS.has(before);
}

/** True if no further noun follows, as in “sea animals”. */
function isNoun({ after, last }: Place): boolean {
	return last || after === '' || AFTER_NOUN.has(after) || RELATIVE.has(after) || VERBS.has(after);
}

const possessiveFor = (place: Place, { number }: Noun): string | null =>
	isAlone(place) ? (number === 'many' ? 'their' : 'its') : null;

/** Null if the place has no pronoun. */
function pronounFor(place: Place, { number }: Noun): string | null {
	if (!isNoun(place)) return null;
	if (!isAlone(place)) return place.described ? AFTER_ADJECTIVE[number] : null;
	if (RELATIVE.has(place.after) && !place.last) return BEFORE_RELATIVE[number];
	return number === 'many' && !isSubject(place) ? 'them' : SUBJECT[number];
}

const isSubject = ({ before, after, first, last }: Place): boolean =>
	first || (VERBS.has(after) && !last && (before === 'and' || !BEFORE_OBJECT.has(before)));

/** Mass nouns have no pronoun in some places. */
const AFTER_ADJECTIVE = { one: 'one', many: 'ones', mass: null } as const;
const BEFORE_RELATIVE = { one: 'one', many: 'those', mass: null } as const;
const SUBJECT = { one: 'it', many: 'they', mass: 'it' } as const;
