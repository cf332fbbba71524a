/** The value of a changed field of the recipe in words. */
import { counted } from '#app/text/format.ts';
import { castWords } from '#core/cast/registry.ts';
import { isRecord } from '#core/format/record.ts';
import { findMethod } from '#core/pair/methods/registry.ts';
import { titleOf } from '#core/loss/objectives/forSettings.ts';
import { EMBEDDED, LOCAL } from '#core/recipe/reviserKind.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { settingText, valueAt } from './settings.ts';

/** Fields whose value is not its own text. */
const TEXTS: Readonly<Record<string, (value: unknown) => string>> = {
	'pairs.method': (value) => findMethod(String(value))?.title ?? String(value),
	'objective.id': (value) => titleOf({ id: String(value) }),
	'objective.parameters': settingText,
	'objective.formula': settingText,
	'objective.terms': settingText,
	begin: (value) => (isRecord(value) ? String(value['name']) : 'the base model'),
	'pairs.set': (value) => (isRecord(value) ? String(value['name']) : 'none'),
	'pairs.exclude': (value) => (Array.isArray(value) ? counted(value.length, 'pair') : 'none'),
	'others.models': (value) =>
		Array.isArray(value)
			? value.map((one: { model: string }) => castWords(one.model)).join(' and ')
			: 'built-in',
};

const PLACES: Readonly<Record<string, string>> = { [EMBEDDED]: 'built-in', [LOCAL]: 'on this machine' };

/** @param value undefined if the recipe leaves the field out */
export function changeText(path: string, value: unknown): string {
	const text = TEXTS[path];
	if (text !== undefined) return text(value);
	if (value === undefined) return words(path, String(valueAt(DEFAULT_RECIPE, path))) || 'built-in';
	if (Array.isArray(value)) return value.join(', ') || 'all';
	return typeof value === 'string' ? words(path, value) : JSON.stringify(value);
}

/** Models of the page and its own places have ids in the recipe and words on the page. */
function words(path: string, value: string): string {
	if (path.endsWith('.model')) return castWords(value);
	return path.endsWith('.endpoint') ? (PLACES[value] ?? value) : value;
}
