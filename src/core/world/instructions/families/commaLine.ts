/** Comma list: `Name three fruits, separated by commas, and nothing else.` → `Apples, pears, plums` */
import { numeral, readNumeral } from '../../../text/wording.ts';
import { SHORT_LISTS } from '../topics/pools.ts';
import { refuse, type InstructionFamily } from '../family.ts';
import { distinctLines, itemName, listItems } from '../text/items.ts';
import { lowerFirst, tokensOf } from '../text/sentences.ts';

const COUNTS = [3, 4, 5];
const MOST_WORDS = 4;

export const commaLine: InstructionFamily = {
	id: 'comma-line',
	name: 'Comma list',
	describe: 'So many items between commas on one line; answers have sentences around them.',
	topics: SHORT_LISTS,
	phrasings: [
		'Name {n} {request}, separated by commas, and nothing else.',
		'List {n} {request} on one line with commas between them and no other text.',
		'Give {n} {request}. Write only the {n} items, separated by commas.',
		'Give me {n} {request} as a single line: the items with commas between them, without a sentence.',
		'Answer with {n} items and the commas between them, nothing more. Name {n} {request}.',
		'Write {n} {request} in one line. Use commas between the items and add no explanation.',
		'I need {n} {request}, only the items, separated by commas.',
		'What are {n} {request}? Reply with a single line of items and commas.',
	],
	values: COUNTS.map((count) => ({ n: numeral(count) })),
	fewestWords: 2,
	rule({ n = '' }) {
		const count = readNumeral(n) ?? 0;
		return {
			fault(answer) {
				const text = answer.trim().replace(/\.$/, '');
				if (/[\n:;.!?"“”*]/.test(text)) return 'The answer has more than one line of items and commas.';
				const items = text.split(', ');
				const long = items.find((item) => !isShort(item));
				if (long !== undefined) return `“${long.slice(0, 40)}” is not an item of a few words.`;
				if (items.length !== count) return `The line does not have ${n} items but ${numeral(items.length)}.`;
				return distinctLines(items) ? null : 'Two items are the same.';
			},
			mend(answer) {
				const items = listItems(answer).map(itemName).filter(isShort).slice(0, count);
				if (items.length < count) return refuse('The answer names too few things in a few words.');
				return items.map((item, i) => (i === 0 ? item : lowerFirst(item, answer))).join(', ');
			},
			remedy: 'The items stay, and the rest is cut.',
		};
	},
};

function isShort(item: string): boolean {
	const { length } = tokensOf(item);
	return (
		length > 0 &&
		length <= MOST_WORDS &&
		/^[\p{L}\p{N}][\p{L}\p{N} '’-]{0,48}$/u.test(item) &&
		!/^and /i.test(item)
	);
}
