/**
 * Sorting: `Sort these words: pear grape mango.` → `grape, mango, pear.` The flaw: the words stay in the
 * order of the prompt.
 */
import { at } from '../../../math/at.ts';
import { WEIGHTS, type Family, type Finding, type Task } from '../family.ts';
import { phrasing } from '../phrasing.ts';
import { enumerate, numeral, quote } from '../../../text/wording.ts';
import { isItemList, itemListFault, itemsOf, itemsWithAnd, wordsOf, writeItems } from '../text.ts';
import { SORTABLE } from '../words/nouns.ts';

const PHRASING = phrasing(['Sort these words: {}.', 'Put in order: {}.', 'From A to Z: {}.']);

/** Sorts lower-case words by code units: unlike `localeCompare`, the same on every machine. */
function alphabetical(words: readonly string[]): string[] {
	return [...words].sort((a, b) => (a < b ? -1 : Number(a > b)));
}

function isSorted(words: readonly string[]): boolean {
	return words.every((word, i) => i === 0 || at(words, i - 1) <= word);
}

export const sorting: Family = {
	id: 'sorting',
	name: 'Sorting',
	describe: 'Words to put in the order of the alphabet; flawed answers leave them as they came.',
	ownCheck: 'in order',
	practice: 1.5,
	draw(rng) {
		for (;;) {
			const words = rng.shuffle(SORTABLE).slice(0, 3);
			if (!isSorted(words)) return PHRASING.write(rng, words.join(' '));
		}
	},
	read(promptText) {
		const slots = PHRASING.read(promptText);
		const words = slots ? wordsOf(at(slots, 0).replaceAll(',', ' ')) : [];
		return words.length < 2 ? null : task(words);
	},
};

function task(words: readonly string[]): Task {
	const sorted = alphabetical(words);
	return {
		family: sorting.id,
		answer: writeItems(sorted),
		check: (text) => {
			const given = itemsOf(text).filter((item) => words.includes(item));
			return [inOrder(given, words), allKept(itemsOf(text), words), form(text)];
		},
		repair: (text) => writeItems(sorted, text),
		ownFlaw: () => writeItems(words),
		otherManner: itemsWithAnd,
	};
}

function inOrder(given: readonly string[], words: readonly string[]): Finding {
	return {
		name: 'in order',
		weight: WEIGHTS.skill,
		passed: given.length > 1 && isSorted(given),
		praise: 'put the words in the order of the alphabet',
		fault:
			given.length > 1
				? `${disorder(given, words)}: ${misplaced(given)}.`
				: `In order, the words are ${enumerate(alphabetical(words).map(quote))}.`,
	};
}

function disorder(given: readonly string[], words: readonly string[]): string {
	return given.join() === words.join()
		? 'The words are in the order of the question, not of the alphabet'
		: 'The words are not in the order of the alphabet';
}

/**
 * Names the one word whose move would sort the list; if one move is not enough, the first and the last word.
 */
function misplaced(given: readonly string[]): string {
	const sorted = alphabetical(given);
	const i = given.findIndex((_, k) => isSorted(given.filter((_, j) => j !== k)));
	const [first, last] = [at(sorted, 0), at(sorted, sorted.length - 1)];
	if (i < 0) return `${quote(first)} comes first and ${quote(last)} last`;
	const word = at(given, i);
	const place = sorted.lastIndexOf(word);
	if (place === 0) return `${quote(word)} belongs at the start, before ${quote(at(sorted, 1))}`;
	const before = at(sorted, place - 1);
	if (place === sorted.length - 1) return `${quote(word)} belongs at the end, after ${quote(before)}`;
	return `${quote(word)} belongs between ${quote(before)} and ${quote(at(sorted, place + 1))}`;
}

function allKept(items: readonly string[], words: readonly string[]): Finding {
	const missing = words.filter((word) => !items.includes(word));
	const wanted = alphabetical(words).join();
	return {
		name: 'all words kept',
		weight: WEIGHTS.whole,
		passed: alphabetical(items).join() === wanted,
		praise: `kept all ${numeral(words.length)} words`,
		fault:
			missing.length > 0
				? `The list lacks ${enumerate(missing.map(quote))}.`
				: 'Each word belongs in the list once, and nothing else does.',
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
