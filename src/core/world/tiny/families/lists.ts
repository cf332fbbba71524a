/** Lists: `List three fruits. Start with plum.` → `plum, apple, grape.` The flaw: one item too few. */
import { at } from '../../../math/at.ts';
import { WEIGHTS, type Family, type Finding, type Task } from '../family.ts';
import { phrasing } from '../phrasing.ts';
import { enumerate, numeral, quote, readNumeral } from '../../../text/wording.ts';
import { isItemList, itemListFault, itemsOf, itemsWithAnd, writeItems } from '../text.ts';
import { CATEGORIES, type Category } from '../words/nouns.ts';

const PHRASING = phrasing([
	'List {} {}. Start with {}.',
	'Name {} {}. Start with {}.',
	'List {} {}, {} first.',
	'Name {} {}, {} first.',
	'Give {} {}, {} first.',
]);
const COUNTS = [3, 4, 5] as const;

interface Wanted {
	count: number;
	category: Category;
	first: string;
}

export const lists: Family = {
	id: 'lists',
	name: 'Lists',
	describe: 'A list of N things, the first one given; flawed answers name one too few.',
	ownCheck: 'count',
	practice: 1,
	draw(rng) {
		const { plural, members } = rng.pick(CATEGORIES);
		return PHRASING.write(rng, numeral(rng.pick(COUNTS)), plural, rng.pick(members));
	},
	read(promptText) {
		const slots = PHRASING.read(promptText);
		if (!slots) return null;
		const count = readNumeral(at(slots, 0));
		const category = CATEGORIES.find((c) => c.plural === at(slots, 1).toLowerCase());
		const first = at(slots, 2).toLowerCase();
		if (count === null || count < 2 || !category?.members.includes(first)) return null;
		return count > category.members.length ? null : task({ count, category, first });
	},
};

function task(wanted: Wanted): Task {
	const { count, category, first } = wanted;
	const answer = fill([], wanted);
	return {
		family: lists.id,
		answer: writeItems(answer),
		check: (text) => {
			const items = itemsOf(text);
			return [counted(items, wanted), belongs(items, category), startsWith(items, first), form(text)];
		},
		repair: (text) => writeItems(fill(itemsOf(text), wanted), text),
		ownFlaw: () => writeItems(answer.slice(0, count - 1)),
		otherManner: itemsWithAnd,
	};
}

/** The first item, then the correct items of `kept`, then the members that follow `first`, cyclically. */
function fill(kept: readonly string[], { count, category, first }: Wanted): string[] {
	const { members } = category;
	const start = members.indexOf(first);
	const round = members.map((_, i) => at(members, (start + i) % members.length));
	const right = kept.filter((item) => members.includes(item));
	return [...new Set([first, ...right, ...round])].slice(0, count);
}

function counted(items: readonly string[], { count, category }: Wanted): Finding {
	const distinct = new Set(items).size;
	const things = `${numeral(items.length)} ${items.length === 1 ? 'item' : 'items'}`;
	return {
		name: 'count',
		weight: 0.7,
		passed: items.length === count && distinct === count,
		praise: `named ${numeral(count)} ${category.plural}`,
		fault:
			distinct < items.length
				? `${quote(items.find((item, i) => items.indexOf(item) < i) ?? '')} stands in the list twice.`
				: `The list has ${things}, but ${numeral(count)} ${category.plural} were asked for${after(items)}.`,
	};
}

function after(items: readonly string[]): string {
	const last = items.at(-1);
	return last === undefined ? '' : `: it ends at ${quote(last)}`;
}

function belongs(items: readonly string[], category: Category): Finding {
	const strays = items.filter((item) => !category.members.includes(item));
	return {
		name: 'all of the kind',
		weight: 0.1,
		passed: items.length > 0 && strays.length === 0,
		praise: `named only ${category.plural}`,
		fault:
			strays.length > 0
				? `${enumerate(strays.map(quote))} does not belong to the ${category.plural}.`
				: 'Nothing is named.',
	};
}

function startsWith(items: readonly string[], first: string): Finding {
	return {
		name: 'first item',
		weight: 0.1,
		passed: items[0] === first,
		praise: `began with ${quote(first)}`,
		fault: `The list should begin with ${quote(first)}.`,
	};
}

function form(text: string): Finding {
	return {
		name: 'form',
		weight: 1 - WEIGHTS.skill - 0.2,
		passed: isItemList(text),
		praise: 'wrote a plain list',
		fault: itemListFault(text),
	};
}
