/** The words that an expression may use, and the nearest of them to any other word. */
import { FUNCTION_NAMES, functionNamed, PAIR_SYMBOLS, STEP_SYMBOLS } from '../names.ts';
import { FUNCTIONS } from '../functions.ts';

/** The parser turns square(x) into x², so that it needs no primitive. */
export const SQUARE = 'square';

const SYMBOLS: ReadonlySet<string> = new Set([...PAIR_SYMBOLS, ...STEP_SYMBOLS]);

/** Names in other programs and papers. */
const ALSO_CALLED: ReadonlyMap<string, string> = new Map([
	['sigmoid', 'sigma'],
	['logsigmoid', 'log_sigma'],
	['ln', 'log'],
	['sq', SQUARE],
	['reward_w', 'r_w'],
	['reward_l', 'r_l'],
	['r_chosen', 'r_w'],
	['r_rejected', 'r_l'],
]);

/** The number of arguments if the word is a function, otherwise 0. */
export function arityOf(word: string): number {
	const fn = functionNamed(word);
	if (fn) return FUNCTIONS[fn].arity;
	return word === SQUARE ? 1 : 0;
}

/** Symbols of the language and the objective's own parameters. */
export function isValueName(word: string, parameters: readonly string[]): boolean {
	return SYMBOLS.has(word) || parameters.includes(word);
}

/** Largest distance between a word and its suggestion. */
const FAR = 2;

/** The probable word; null if none is near. */
export function nearestWord(word: string, parameters: readonly string[]): string | null {
	const lower = word.toLowerCase();
	const other = ALSO_CALLED.get(lower);
	if (other !== undefined) return other;
	let best: string | null = null;
	let least = FAR + 1;
	for (const known of [...parameters, ...SYMBOLS, ...FUNCTION_NAMES, SQUARE]) {
		const distance = editDistance(lower, known);
		// A short name must keep a letter in common.
		if (distance < least && distance < known.length) [best, least] = [known, distance];
	}
	return best;
}

/** Levenshtein distance; {@link FAR} + 1 if the lengths differ by more than that. */
function editDistance(a: string, b: string): number {
	if (Math.abs(a.length - b.length) > FAR) return FAR + 1;
	let row = Array.from({ length: b.length + 1 }, (_, j) => j);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const [above = 0, left = 0, diagonal = 0] = [row[j], next[j - 1], row[j - 1]];
			next.push(Math.min(above + 1, left + 1, diagonal + (a[i - 1] === b[j - 1] ? 0 : 1)));
		}
		row = next;
	}
	return row[b.length] ?? 0;
}
