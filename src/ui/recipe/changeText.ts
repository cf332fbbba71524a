/** The value of a changed field of the recipe in words. */
import { counted } from '#app/text/format.ts';
import { isRecord } from '#core/format/record.ts';
import { titleOf } from '#core/loss/objectives/forSettings.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { settingText, valueAt } from './settings.ts';

/** Fields whose value is not its own text. */
const TEXTS: Readonly<Record<string, (value: unknown) => string>> = {
	'objective.id': (value) => titleOf({ id: String(value) }),
	'objective.parameters': settingText,
	'objective.formula': settingText,
	'objective.terms': settingText,
	begin: (value) => (isRecord(value) ? String(value['name']) : 'the base model'),
	'pairs.set': (value) => (isRecord(value) ? String(value['name']) : 'none'),
	'pairs.exclude': (value) => (Array.isArray(value) ? counted(value.length, 'pair') : 'none'),
	'others.models': (value) =>
		Array.isArray(value) ? value.map((one: { model: string }) => one.model).join(', ') : 'built-in',
};

/** @param value undefined if the recipe leaves the field out */
export function changeText(path: string, value: unknown): string {
	const text = TEXTS[path];
	if (text !== undefined) return text(value);
	if (value === undefined) return String(valueAt(DEFAULT_RECIPE, path)) || 'built-in';
	if (Array.isArray(value)) return value.join(', ') || 'all';
	return typeof value === 'string' ? value : JSON.stringify(value);
}
