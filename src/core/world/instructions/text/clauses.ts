/**
 * Ends a sentence early, between two of its parts. The lists of words are short and careful: a sentence that they cannot
 * judge has no place to end.
 */
import { bare } from './sentences.ts';

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

export const VERBS = words(
	"is are was were has have had can could will would should may might must do does did it's that's there's they're provides provide offers offer makes make lies lie helps help gives give brings bring comes come needs need lives live plays play requires require involves involve includes include contains contain creates create serves serve represents represent remains remain means mean takes take keeps keep uses use becomes become grows grow feels feel looks look sounds sound allows allow covers cover holds hold shows show works work moves move turns turn runs run goes go gets get starts start begins begin happens happen depends depend connects connect carries carry stands stand sits sit rises rise falls fall reminds remind inspires inspire",
);
const IMPERATIVES = words(
	'use try make take keep avoid start go get eat drink find set read write choose put learn practice practise plan listen ask think create follow remember let be begin give turn add wash clean store help play spend',
);
/** Words that a sentence cannot end with. */
const OPEN = words(
	"a an the this these those its their his her our your my of to in on at for from with by into onto about over under between through and or but nor that which who whose where when while because as if than is are was were be been being has have had can could will would should may might must do does did it's that's there's they're one kind type part lot variety range number series form source symbol sense known used made able such most more very so too not also often many some every each both various different numerous unique several few other another all any no like including only just even",
);
const BOUNDARIES = words(
	'in on at with from through across during for by near after before while which who where because so making allowing providing creating including using that but',
);
/** After a comma or “and”, these words begin a new part, never a further adjective. */
const NEW_PART = words(
	'it they he she we you this that these those the a an its their there and but so which who where making allowing providing creating including offering with is are has have can will',
);
const RELATIVE = words('that which who whose where when as if because while although');

/** The longest beginning of a sentence with at most `most` words that is a sentence itself; null if there is none. */
export function shortened(sentence: string, most: number): string | null {
	const tokens = sentence.split(/\s+/);
	for (let n = Math.min(most, tokens.length - 1); n >= 3; n--) {
		if (!isBoundary(tokens, n)) continue;
		const beginning = tokens.slice(0, n);
		if (isSentence(beginning)) return `${beginning.join(' ').replace(/[,;:–—-]{1,9}$/, '')}.`;
	}
	return null;
}

/** True if a part of the sentence begins at token `n`. */
function isBoundary(tokens: readonly string[], n: number): boolean {
	const before = tokens[n - 1] ?? '';
	const next = bare(tokens[n] ?? '');
	if (/[;–—]$/.test(before) || /^[–—]/.test(tokens[n] ?? '')) return true;
	if (next === 'and' || next === 'or') return NEW_PART.has(bare(tokens[n + 1] ?? ''));
	return before.endsWith(',') ? NEW_PART.has(next) : BOUNDARIES.has(next);
}

function isSentence(tokens: readonly string[]): boolean {
	const text = tokens.join(' ');
	const all = tokens.map(bare);
	const last = all.at(-1) ?? '';
	if (OPEN.has(last) || VERBS.has(last) || /(?:ed|ing|ly)$/.test(last)) return false;
	if (!balanced(text) || isHalfOfPair(all)) return false;
	if (IMPERATIVES.has(all[0] ?? '')) return true;
	const verb = all.findIndex((word, i) => i > 0 && VERBS.has(word));
	const relative = all.findIndex((word) => RELATIVE.has(word));
	return verb > 0 && (relative < 0 || relative > verb);
}

/** “both … and”, “between … and”, “not only … but”: their second half is needed. */
function isHalfOfPair(all: readonly string[]): boolean {
	const has = (word: string): boolean => all.includes(word);
	const opened = has('both') || has('between') || has('either') || has('neither');
	return (opened && !has('and') && !has('or') && !has('nor')) || (has('only') && has('not') && !has('but'));
}

function balanced(text: string): boolean {
	const count = (sign: string): number => text.split(sign).length - 1;
	return count('(') === count(')') && count('“') === count('”') && count('"') % 2 === 0;
}
