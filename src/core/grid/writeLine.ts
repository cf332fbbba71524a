/** Varied settings as the line that a person would type; the inverse of `readGridLine`. */
import type { VariedSetting } from './grid.ts';
import { isRangeText } from './range.ts';
import { settingNamed, shortName } from './setting.ts';

/** From this many whole numbers on, a run of neighbours is written as a range. */
const RANGE_FROM = 3;

/** "objective: apo_zero, apo_down; beta: 0.1, 1; seed: 1..3"; empty without settings. */
export function gridLine(vary: readonly VariedSetting[]): string {
	return vary.map(({ path, values }) => `${nameOf(path)}: ${valuesText(values)}`).join('; ');
}

function nameOf(path: string): string {
	const short = shortName(path);
	return settingNamed(short) === path ? short : path;
}

/** The values as the line has them: "0.1, 1", "1..3". */
function valuesText(values: readonly unknown[]): string {
	return isRange(values)
		? `${String(values[0])}..${String(values.at(-1))}`
		: values.map(valueText).join(', ');
}

function isRange(values: readonly unknown[]): values is readonly number[] {
	return (
		values.length >= RANGE_FROM &&
		values.every(
			(value, i) => Number.isSafeInteger(value) && Number(value) >= 0 && value === Number(values[0]) + i,
		)
	);
}

/** One value; quoted if the plain word would be read as something else. */
export function valueText(value: unknown): string {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && isPlain(value) ? value : JSON.stringify(value);
}

function isPlain(text: string): boolean {
	if (text === '' || text !== text.trim() || isRangeText(text)) return false;
	// A number in quotes stays a word.
	if (!Number.isNaN(Number(text))) return false;
	return !/^[[{]|["\\;\n]/.test(text) && !hasLooseComma(text) && isBalanced(text);
}

/** A comma outside of brackets would end the value. */
function hasLooseComma(text: string): boolean {
	return depths(text).some((depth, i) => depth === 0 && text.charAt(i) === ',');
}

function isBalanced(text: string): boolean {
	const all = depths(text);
	return (all.at(-1) ?? 0) === 0 && all.every((depth) => depth >= 0);
}

/** How many brackets are open after each character. */
function depths(text: string): number[] {
	let depth = 0;
	return Array.from({ length: text.length }, (_, i) => {
		const sign = text.charAt(i);
		if ('([{'.includes(sign)) depth++;
		else if (')]}'.includes(sign)) depth--;
		return depth;
	});
}
