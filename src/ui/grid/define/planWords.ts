/** A planned grid in words, or the reasons why a draft is no grid. */
import type { GridCheck, GridPlan } from '#app/grid/gridDraft.svelte.ts';
import { counted, listed } from '#app/text/format.ts';
import { AppError } from '#core/errors.ts';
import type { CellFault } from '#core/grid/cells.ts';
import { SEED } from '#core/grid/setting.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { faultLabel } from '#core/grid/cellLabels.ts';
import { settingPlural } from '#core/grid/table/axes.ts';
import { inPageWords } from '../pageWords.ts';
import { settingName } from './settingValues.ts';

/** "300 prompts, 96 held-out prompts and 20 to 60 steps": what a run takes. @param recipes of all cells */
export function sizeOf(recipes: readonly Recipe[]): string {
	const size = (noun: string, countOf: (recipe: Recipe) => number): string => {
		const counts = recipes.map(countOf);
		const [least, most] = [Math.min(...counts), Math.max(...counts)];
		return least === most ? counted(most, noun) : `${least} to ${counted(most, noun)}`;
	};
	return listed([
		size('prompt', ({ prompts }) => prompts.count),
		size('held-out prompt', ({ evaluation }) => evaluation.count),
		size('step', ({ training }) => training.steps),
	]);
}

/** "2 objectives × 3 β × 2 seeds": the factors of the runs. */
export function factorsOf({ grid }: GridPlan): string {
	const { vary, cells, seeds } = grid;
	const factors = [
		...(cells.length > 0 ? [counted(cells.length, 'cell')] : []),
		...vary.filter(({ values }) => values.length > 1).map(({ path, values }) => factor(values.length, path)),
		...(seeds === null || seeds.length < 2 ? [] : [factor(seeds.length, SEED)]),
	];
	return factors.join(' × ');
}

function factor(count: number, path: string): string {
	return `${count} ${path === SEED ? 'seeds' : settingPlural(path, settingName(path))}`;
}

/** Cells that share one reason why they cannot run. */
export interface SharedFault {
	readonly cells: readonly string[];
	readonly reason: string;
}

/** Reasons in the order of the cells, each with all cells that it concerns, in the words of the page. */
export function sharedFaults(faults: readonly CellFault[]): readonly SharedFault[] {
	const byReason = new Map<string, string[]>();
	for (const fault of faults) {
		const reason = inPageWords(reasonOf(fault));
		byReason.set(reason, [...(byReason.get(reason) ?? []), faultLabel(fault)]);
	}
	return [...byReason].map(([reason, cells]) => ({ cells, reason }));
}

/** The recipe's own fault says neither cell nor value, which the page names anyway: "The cell “a”: it …" → "it …". */
function reasonOf({ cell, error: { cause, message } }: CellFault): string {
	if (cause instanceof AppError) return cause.message;
	const place = `The cell “${cell}”`;
	return message.startsWith(place) ? message.slice(place.length).replace(/^: /, '') : message;
}

/** Cells that a sentence names one by one. */
const NAMED = 4;

/** "The cells “a”, “b” and 3 more" */
export function cellsInWords(cells: readonly string[]): string {
	const named = cells.slice(0, NAMED).map((cell) => `“${cell}”`);
	const more = cells.length - named.length;
	return `The ${cells.length === 1 ? 'cell' : 'cells'} ${listed([...named, ...(more > 0 ? [`${more} more`] : [])])}`;
}

/** Why the draft is no grid, and what to do; null if it is one, or if its cells or its line say so themselves. */
export function problemOf(check: GridCheck, lineProblem: AppError | null): string | null {
	if (check.plan !== null || lineProblem !== null || check.faults.length > 0) return null;
	const { code, message, hint } = check.problem;
	if (code === 'grid-one-run')
		return 'So far this is a single run. Add a second value to a setting, or a second seed.';
	return inPageWords(`${message} ${hint}`);
}
