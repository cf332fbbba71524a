/** Why a file gave no row, in one sentence. */
import type { SkippedRow } from './prompt.ts';

/** Reasons that a message names. */
const NAMED = 3;

/** The first row of each reason: "line 1: empty; line 7: not JSON; and 40 more rows". */
export function reasonsOf(skipped: readonly SkippedRow[]): string {
	const firsts = [...new Map(skipped.toReversed().map((row) => [row.reason, row])).values()].toSorted(
		(a, b) => a.line - b.line,
	);
	const named = firsts.slice(0, NAMED).map(({ line, reason }) => `line ${line}: ${reason}`);
	const more = skipped.length - named.length;
	if (more > 0) named.push(`and ${more} more ${more === 1 ? 'row' : 'rows'}`);
	return named.length === 0 ? 'it is empty' : named.join('; ');
}
