/**
 * Plurals and opposites: both answer each word of the prompt with one word, so only their word lists and
 * flaws differ. `Plural of: leaf, mouse.` → `leaves, mice.`; `Opposite of: narrow, hot.` → `wide, cold.`
 */
import { at } from '../../../math/at.ts';
import type { Rng } from '../../../math/rng.ts';
import { WEIGHTS, type Family, type Finding, type Task } from '../family.ts';
import { phrasing } from '../phrasing.ts';
import { numeral, quote } from '../../../text/wording.ts';
import { isItemList, itemListFault, itemsOf, itemsWithAnd, writeItems } from '../text.ts';
import { OPPOSITES } from '../words/adjectives.ts';
import { PLURALS } from '../words/nouns.ts';

interface WordByWord {
	id: string;
	name: string;
	describe: string;
	ownCheck: string;
	templates: readonly string[];
	/** Question word → answer word. */
	answers: ReadonlyMap<string, string>;
	/** The flawed model's answer to a word. */
	flaw: (word: string) => string;
	praise: string;
	/** Words the fault of one word, given the answer (null if the word has none) and the right answer. */
	fault: (word: string, written: string | null, right: string) => string;
}

function wordByWord(kind: WordByWord): Family {
	const phrase = phrasing(kind.templates);
	const words = [...kind.answers.keys()];
	return {
		id: kind.id,
		name: kind.name,
		describe: kind.describe,
		ownCheck: kind.ownCheck,
		practice: 1,
		draw: (rng: Rng) => phrase.write(rng, rng.shuffle(words).slice(0, 2).join(', ')),
		read(promptText) {
			const slots = phrase.read(promptText);
			const asked = slots ? itemsOf(at(slots, 0)) : [];
			const right = asked.map((word) => kind.answers.get(word)).filter((word) => word !== undefined);
			return asked.length > 0 && right.length === asked.length ? task(kind, asked, right) : null;
		},
	};
}

function task(kind: WordByWord, asked: readonly string[], right: readonly string[]): Task {
	return {
		family: kind.id,
		answer: writeItems(right),
		check: (text) => {
			const items = itemsOf(text);
			return [skill(kind, items, asked, right), oneForEach(items, asked), form(text)];
		},
		repair: (text) => writeItems(right, text),
		ownFlaw: () => writeItems(asked.map(kind.flaw)),
		otherManner: itemsWithAnd,
	};
}

/**
 * Passes if every right word occurs in the order of the question; the check of the count covers extra items.
 */
function skill(
	kind: WordByWord,
	items: readonly string[],
	asked: readonly string[],
	right: readonly string[],
): Finding {
	const found = new Set(items.filter((item) => right.includes(item)));
	const faults = asked.flatMap((word, i) =>
		items[i] === right[i] ? [] : [kind.fault(word, items[i] ?? null, at(right, i))],
	);
	return {
		name: kind.ownCheck,
		weight: WEIGHTS.skill,
		passed: [...found].join() === [...new Set(right)].join(),
		praise: kind.praise,
		fault: faults.slice(0, 2).join(' '),
	};
}

function oneForEach(items: readonly string[], asked: readonly string[]): Finding {
	return {
		name: 'one for each',
		weight: WEIGHTS.whole,
		passed: items.length === asked.length,
		praise: 'answered every word',
		fault: `The question has ${numeral(asked.length)} words, the answer ${numeral(items.length)}.`,
	};
}

function form(text: string): Finding {
	return {
		name: 'form',
		weight: WEIGHTS.form,
		passed: isItemList(text),
		praise: 'wrote a plain list',
		fault: itemListFault(text),
	};
}

export const plurals = wordByWord({
	id: 'plurals',
	name: 'Plurals',
	describe: 'Nouns to put in the plural; flawed answers leave them in the singular.',
	ownCheck: 'in the plural',
	templates: ['Plural of: {}.', 'Make plural: {}.', 'More than one: {}.'],
	answers: new Map(PLURALS),
	flaw: (word) => word,
	praise: 'put every word in the plural',
	fault: (word, written, right) =>
		written === null
			? `${quote(word)} has no answer: its plural is ${quote(right)}.`
			: written === word
				? `${quote(word)} is still in the singular: more than one are ${quote(right)}.`
				: `The plural of ${quote(word)} is ${quote(right)}, not ${quote(written)}.`,
});

export const opposites = wordByWord({
	id: 'opposites',
	name: 'Opposites',
	describe: 'Words to turn into their opposites; flawed answers only put “not” before them.',
	ownCheck: 'true opposites',
	templates: ['Opposite of: {}.', 'Opposites: {}.', 'Say the opposite: {}.'],
	answers: new Map(OPPOSITES.flatMap(([a, b]) => [[a, b] as const, [b, a] as const])),
	flaw: (word) => `not ${word}`,
	praise: 'found the true opposites',
	fault: (word, written, right) =>
		written === null
			? `${quote(word)} has no answer: its opposite is ${quote(right)}.`
			: `${quote(written)} is not the word for it: the opposite of ${quote(word)} is ${quote(right)}.`,
});
