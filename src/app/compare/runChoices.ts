/** The runs that can be shown beside another one, in groups: of its grid, stored, recorded. */
import type { GridSummary } from '#core/grid/stored.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunSummary } from '#core/run/run.ts';
import { fixed } from '#core/text/numbers.ts';
import { RECORDINGS, type Recording } from '../library/recordings.ts';

export interface RunChoice {
	readonly id: string;
	readonly name: string;
	/** Null for a recorded run that was not read yet. */
	readonly recipe: Recipe | null;
	/** Of a recorded run that was not read yet: its data, objective and seed; else empty. */
	readonly about: string;
	/** Greedy held-out score before and after training; null if it is not known. */
	readonly before: number | null;
	readonly after: number | null;
}

export interface ChoiceGroup {
	readonly title: string;
	readonly choices: readonly RunChoice[];
}

/**
 * Groups without a run are left out.
 *
 * @param first id of the run that they are for, which is not among them; null if none is chosen
 * @param runs  as the library lists them
 */
export function runChoices(
	first: string | null,
	runs: readonly RunSummary[],
	grids: readonly Pick<GridSummary, 'id' | 'name'>[],
): readonly ChoiceGroup[] {
	const gridId = runs.find(({ id }) => id === first)?.grid?.id;
	const others = runs.filter(({ id }) => id !== first);
	// A deleted grid can leave its runs.
	const gridName = grids.find(({ id }) => id === gridId)?.name;
	const inGrid = others.filter(({ grid }) => grid !== undefined && grid.id === gridId);
	const stored = others.filter((run) => !inGrid.includes(run));
	const known = new Set(runs.map(({ id }) => id));
	const recorded = RECORDINGS.filter(({ id }) => id !== first && !known.has(id));
	return [
		{
			title: gridName === undefined ? 'Runs of the same grid' : `Runs of the grid “${gridName}”`,
			choices: inGrid.map(choiceOf),
		},
		{ title: 'Saved runs', choices: stored.filter(({ grid }) => grid === undefined).map(choiceOf) },
		{ title: 'Recorded runs', choices: recorded.map(choiceOfRecording) },
		{ title: 'Runs of other grids', choices: stored.filter(({ grid }) => grid !== undefined).map(choiceOf) },
	].filter(({ choices }) => choices.length > 0);
}

function choiceOf({ id, name, recipe, before, after }: RunSummary): RunChoice {
	return { id, name, recipe, about: '', before, after };
}

function choiceOfRecording({ id, name, about, megabytes }: Recording): RunChoice {
	const size = `${fixed(megabytes, 1)} MB to download`;
	return { id, name, recipe: null, about: `${about}; ${size}`, before: null, after: null };
}
