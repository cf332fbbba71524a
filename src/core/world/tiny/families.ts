/** The eight families in the order the page lists them. */
import { jsonFacts } from './families/jsonFacts.ts';
import { lists } from './families/lists.ts';
import { pastTense } from './families/pastTense.ts';
import { politeReply } from './families/politeReply.ts';
import { sorting } from './families/sorting.ts';
import { sums } from './families/sums.ts';
import { opposites, plurals } from './families/wordByWord.ts';
import type { Family, Task } from './family.ts';

export const families: readonly Family[] = [
	politeReply,
	sorting,
	pastTense,
	jsonFacts,
	plurals,
	lists,
	opposites,
	sums,
];

/** No answer of the world is nearly as long; the bound limits the cost of the checks on any text. */
const LONGEST_ANSWER = 2000;

/** Ends a longer text with `…`, which no check takes for part of an answer. */
function bounded(text: string): string {
	return text.length <= LONGEST_ANSWER ? text : `${text.slice(0, LONGEST_ANSWER)}…`;
}

/** Reads a prompt's text back into its task; null if the text is not of this world. */
export function readTask(promptText: string): Task | null {
	for (const family of families) {
		const task = family.read(promptText);
		if (task) {
			return {
				...task,
				check: (text) => task.check(bounded(text)),
				repair: (text) => task.repair(bounded(text)),
			};
		}
	}
	return null;
}
