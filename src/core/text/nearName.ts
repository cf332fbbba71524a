/** The known name that a misspelt one was meant to be. */
import { levenshtein } from '../revision/measures.ts';

/** Characters of a name that count. */
const COUNTED = 40;

/** The known name with the fewest changed letters, at most a third of them; null if none is as near. */
export function nearName(name: string, known: readonly string[]): string | null {
	const wanted = name.slice(0, COUNTED);
	const most = Math.max(1, Math.floor(wanted.length / 3));
	const near = known
		.map((one) => ({ one, distance: levenshtein(wanted.toLowerCase(), one.toLowerCase()) }))
		.filter(({ distance }) => distance <= most)
		.sort((a, b) => a.distance - b.distance);
	return near[0]?.one ?? null;
}
