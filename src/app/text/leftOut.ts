/** Rows that a run left out, in words: which row, its text, the reason and the repair. Pure. */
import type { RowFault } from '#core/batch/rowFaults.ts';
import { excerpt, onOneLine } from '#core/text/excerpt.ts';
import type { Steps } from '../steps/steps.ts';
import { counted, listed } from './format.ts';

export interface NamedFault {
	id: string;
	/** The row's number and the start of its text: "prompt 31, “a a a a…”". */
	name: string;
	/** The reason, and what to do. */
	reason: string;
}

/** Characters of a row's text that name it. */
const EXCERPT = 40;

/**
 * @param noun of one row: "prompt"
 * @param rows all rows in the order of their numbers on the page
 */
export function namedFaults(
	faults: readonly RowFault[],
	noun: string,
	rows: readonly { id: string; text: string }[],
): readonly NamedFault[] {
	const places = new Map(rows.map(({ id, text }, i) => [id, { number: i + 1, text }]));
	return faults.map(({ id, error }) => {
		const place = places.get(id);
		const name =
			place === undefined
				? `${noun} ${id}`
				: `${noun} ${place.number}, “${excerpt(onOneLine(place.text), EXCERPT)}”`;
		return { id, name, reason: `${error.message} ${error.hint}`.trim() };
	});
}

/** "2 prompts and 1 pair were left out." Empty if nothing was. */
export function leftOutSentence({ output, loss, evaluation }: Steps): string {
	const counts = [
		{ n: output.faults.length, noun: 'prompt' },
		{ n: loss.plan?.leftOut?.length ?? 0, noun: 'pair' },
		{ n: evaluation.leftOut.length, noun: 'held-out prompt' },
	].filter(({ n }) => n > 0);
	if (counts.length === 0) return '';
	const one = counts.length === 1 && counts[0]?.n === 1;
	return `${listed(counts.map(({ n, noun }) => counted(n, noun)))} ${one ? 'was' : 'were'} left out.`;
}
