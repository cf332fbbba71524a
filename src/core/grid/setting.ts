/** Settings that a grid can vary: the fields of a recipe, by path or short name, and two that set several fields at once. */
import { FormatError } from '../errors.ts';
import { FORMULA, isObjectiveForm } from '../loss/objectives/settings.ts';
import { hasObjective } from '../loss/objectives/registry.ts';
import { withChanges } from '../recipe/fields.ts';
import { RECIPE_PATHS } from '../recipe/paths.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { nearName } from '../text/nearName.ts';
import { enumerate } from '../text/wording.ts';

/** Sets all seeds of the recipe that training and data draw from. Only `vary` has it. */
export const SEED = 'seed';
/** An objective as a whole: the id of a registered one, a formula, or the section's fields. */
export const OBJECTIVE = 'objective';
/** The adapter that a named cell begins from: the name of another cell. */
export const BEGIN = 'begin';

/** One setting with the value that a cell gives it. */
export interface CellSetting {
	/** A path of the recipe, or {@link OBJECTIVE}. */
	readonly path: string;
	readonly value: unknown;
}

/** Paths that a grid sets in another way, or that no run may change. */
const NOT_VARIED: ReadonlySet<string> = new Set(['schema', 'begin']);
const PATHS = RECIPE_PATHS.filter((path) => !NOT_VARIED.has(path));

/** Every setting that a grid can vary; {@link OBJECTIVE} covers the fields of its section, except β. */
export const SETTING_PATHS: readonly string[] = [
	OBJECTIVE,
	...PATHS.filter((path) => path === 'objective.beta' || !path.startsWith('objective.')),
	SEED,
];

/** Names that the field uses, beside the last part of each path that no other path has: `rank`, `beta`, `learningRate`. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
	...PATHS.map(lastPart)
		.filter((name, _, all) => all.indexOf(name) === all.lastIndexOf(name))
		.map((name) => [name, PATHS.find((path) => lastPart(path) === name) ?? name] as const),
	['lr', 'optimiser.learningRate'],
	['data', 'pairs.method'],
	['prompts', 'prompts.count'],
	['loss', OBJECTIVE],
	['seeds', SEED],
	['objective.id', OBJECTIVE],
]);

function lastPart(path: string): string {
	return path.slice(path.lastIndexOf('.') + 1);
}

/** The path that a name stands for; null if no setting has this name. */
export function settingNamed(name: string): string | null {
	if (name === SEED || name === OBJECTIVE) return name;
	return SHORT_NAMES.get(name) ?? (PATHS.includes(name) ? name : null);
}

/** @param place of the name, before the message */
export function unknownSetting(name: string, place: string): FormatError {
	const sameEnd = PATHS.filter((path) => lastPart(path) === name);
	const hint =
		sameEnd.length > 1
			? `Say which one: ${enumerate(sameEnd)}.`
			: `${meant(name)}Write a field of the recipe by its path, such as objective.beta, or “${OBJECTIVE}” or “${SEED}”.`;
	return new FormatError(`${place}: there is no setting “${name.slice(0, 80)}”.`, {
		code: 'grid-setting-unknown',
		hint,
		context: { place, name: name.slice(0, 80) },
	});
}

/** "Did you mean beta? "; empty if no name is near. */
function meant(name: string): string {
	const near = nearName(name, [...SHORT_NAMES.keys(), ...PATHS, SEED, OBJECTIVE]);
	return near === null ? '' : `Did you mean ${near}? `;
}

/** A short name for tables and names of cells: `beta` for `objective.beta`; the whole path if its last part is not its own. */
export function shortName(path: string): string {
	const short = lastPart(path);
	return SHORT_NAMES.get(short) === path ? short : path;
}

/** True if both settings write the same field. */
export function overlaps(a: string, b: string): boolean {
	const parts = (path: string): readonly string[] =>
		path === OBJECTIVE
			? [OBJECTIVE, 'objective.formula', 'objective.terms', 'objective.parameters']
			: path === SEED
				? [SEED, ...SEEDS]
				: [path];
	return a === b || parts(a).includes(b) || parts(b).includes(a);
}

/** Fields that {@link SEED} sets; see `withSeed`. */
const SEEDS = PATHS.filter((path) => lastPart(path) === 'seed' && path !== 'evaluation.seed');

/** The recipe with a setting. It is not checked: a whole cell is. */
export function withSetting(recipe: Recipe, { path, value }: CellSetting): Recipe {
	if (path !== OBJECTIVE) return withChanges(recipe, [{ path, to: value }]);
	return { ...recipe, objective: objectiveWith(recipe.objective.beta, value) };
}

function objectiveWith(beta: number, value: unknown): Recipe['objective'] {
	if (typeof value === 'string')
		return hasObjective(value) || isObjectiveForm(value) || isName(value)
			? { id: value, beta }
			: { id: FORMULA, beta, formula: value };
	return { beta, ...(value as object) } as Recipe['objective'];
}

/** A single word is meant as an id, so that a misspelt one is answered with the list of objectives. */
function isName(text: string): boolean {
	return /^[a-z0-9_]+$/i.test(text);
}
