/** The settings of a grid as the page shows them: names, values in words, choices, and values that a person types. */
import { asAppError, FormatError } from '#core/errors.ts';
import { readGridLine } from '#core/grid/line.ts';
import {
	OBJECTIVE,
	SEED,
	settingNamed,
	SETTING_PATHS,
	shortName,
	unknownSetting,
} from '#core/grid/setting.ts';
import { valueText } from '#core/grid/writeLine.ts';
import { isRecord } from '#core/format/record.ts';
import { titleOf } from '#core/loss/objectives/forSettings.ts';
import { hasObjective } from '#core/loss/objectives/registry.ts';
import { FORMULA, type ObjectiveSettings } from '#core/loss/objectives/settings.ts';
import { listMethods } from '#core/pair/methods/registry.ts';
import { isWithin, limitOf, limitText } from '#core/recipe/limits.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { registeredOptions } from '../../recipe/objectiveOptions.ts';
import { nameOf, SETTINGS, valueAt } from '../../recipe/settings.ts';

/** Settings that most grids vary, offered without a search. */
export const USUAL_SETTINGS: readonly string[] = [
	OBJECTIVE,
	'pairs.method',
	'objective.beta',
	'lora.rank',
	'optimiser.learningRate',
	'training.steps',
	'model',
	SEED,
];

const NAMES: Readonly<Record<string, string>> = {
	[OBJECTIVE]: 'objective',
	[SEED]: 'seeds',
	'pairs.method': 'data method',
	'optimiser.learningRate': 'learning rate',
	'lora.rank': 'rank',
};

/** The page's name of a setting: "data method", "β". */
export function settingName(path: string): string {
	return NAMES[path] ?? nameOf(path);
}

/** All settings with their names, for a search. */
export const SETTING_NAMES: readonly { path: string; name: string }[] = SETTING_PATHS.map((path) => ({
	path,
	name: settingName(path),
}));

/** The setting that a typed name means: its name on the page, its path or its short name. @throws FormatError */
export function settingTyped(text: string): string {
	const typed = text.trim();
	const listed = SETTING_NAMES.find(({ name }) => name.toLowerCase() === typed.toLowerCase());
	const path = listed?.path ?? settingNamed(typed);
	if (path !== null) return path;
	throw unknownSetting(typed, 'Settings');
}

export interface ValueChoice {
	readonly id: string;
	readonly label: string;
	readonly group?: string;
}

/** The values of a setting that takes one of a few; null if any value can be typed. @param models on this machine */
export function choicesOf(
	path: string,
	models: readonly { id: string; title: string }[],
): readonly ValueChoice[] | null {
	if (path === OBJECTIVE) return registeredOptions();
	if (path === 'pairs.method')
		return listMethods()
			.filter(({ source }) => source !== 'pairs')
			.map(({ id, title }) => ({ id, label: title }));
	if (path === 'model') return models.map(({ id, title }) => ({ id, label: title }));
	const setting = SETTINGS.flatMap(({ settings }) => settings).find((one) => one.path === path);
	return setting?.choices ?? null;
}

/** A value in words: "APO-zero", "CLAIR", "0.1". */
export function valueWords(
	path: string,
	value: unknown,
	models: readonly { id: string; title: string }[] = [],
): string {
	if (path === OBJECTIVE && typeof value === 'string' && hasObjective(value)) return titleOf({ id: value });
	if (path === OBJECTIVE && isRecord(value)) return titleOf(value as unknown as ObjectiveSettings);
	const choice =
		typeof value === 'string' ? choicesOf(path, models)?.find(({ id }) => id === value) : undefined;
	return choice?.label ?? (typeof value === 'string' ? value : valueText(value));
}

/** The value that the recipe has now, as a grid writes it. */
export function valueNow(recipe: Recipe, path: string): unknown {
	if (path === SEED) return recipe.training.seed;
	if (path !== OBJECTIVE) return valueAt(recipe, path);
	const { id, formula, parameters, terms } = recipe.objective;
	if (parameters === undefined && terms === undefined) return id === FORMULA ? formula : id;
	// Like the objective of the recipe, without fields that it does not have.
	const fields = Object.entries({ id, formula, parameters, terms }).filter(
		([, value]) => value !== undefined,
	);
	return Object.fromEntries(fields);
}

/**
 * Values that a person typed: numbers, ranges of whole numbers, words, JSON, with commas between them.
 *
 * @throws FormatError saying which value cannot be used, and why
 */
export function typedValues(path: string, text: string): readonly unknown[] {
	const values = readTyped(path, text);
	const limit = limitOf(path === SEED ? 'training.seed' : path);
	if (limit === undefined) return values;
	const wrong = values.find((value) => typeof value !== 'number' || !isWithin(limit, value));
	if (wrong === undefined) return values;
	throw new FormatError(`${valueText(wrong)} is no value of ${settingName(path)}.`, {
		code: 'grid-value',
		hint: `Write ${limitText(limit)}.`,
	});
}

function readTyped(path: string, text: string): readonly unknown[] {
	const name = shortName(path);
	try {
		return readGridLine(`${name}: ${text}`).vary[name] ?? [];
	} catch (error) {
		const { message, hint, code } = asAppError(error);
		// The column counts from the name, which the person did not type here.
		throw new FormatError(withoutPlace(message), { code, hint, cause: error });
	}
}

/** "Column 12: a value is missing." → "A value is missing." */
function withoutPlace(message: string): string {
	const what = message.slice(message.indexOf(': ') + 2);
	return what.charAt(0).toUpperCase() + what.slice(1);
}
