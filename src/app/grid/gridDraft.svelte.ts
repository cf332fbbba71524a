/**
 * A grid while the user defines it. The typed line is the only store of the varied settings: the table is read from it, and a change
 * of the table writes the line again.
 */
import { asAppError, type AppError } from '#core/errors.ts';
import type { Cell } from '#core/grid/cell.ts';
import { checkedCells, gridCells, type CellFault } from '#core/grid/cells.ts';
import { GRID_LIMITS, readGrid, type Grid, type NamedCell, type VariedSetting } from '#core/grid/grid.ts';
import { readGridLine } from '#core/grid/line.ts';
import { gridRuns, planSharing, type PlannedRun } from '#core/grid/runs.ts';
import { SEED } from '#core/grid/setting.ts';
import { settingTitle } from '#core/grid/table/axes.ts';
import { gridLine } from '#core/grid/writeLine.ts';
import type { Recipe } from '#core/recipe/recipe.ts';

/** A grid that can run, and the cells of it that cannot. */
export interface GridPlan {
	readonly grid: Grid;
	readonly cells: readonly Cell[];
	readonly runs: readonly PlannedRun[];
	/** Empty if every cell can run. They are not in the grid if the user left them out. */
	readonly faults: readonly CellFault[];
}

/** The draft as a plan, or the reasons why it is none. */
export type GridCheck =
	| { readonly plan: GridPlan; readonly problem: null }
	| { readonly plan: null; readonly problem: AppError; readonly faults: readonly CellFault[] };

/** Seeds of a new grid: two show that a difference is no chance of one seed, and each costs a run per cell. */
const FIRST_LINE = 'seed: 1..2';

/** Parts of a grid that have no place in the line. */
type NamedParts = Pick<Grid, 'cells' | 'compare' | 'extra' | 'moreSeeds'>;
const NO_NAMED_PARTS: NamedParts = { cells: [], compare: [] };

export class GridDraft {
	readonly #recipe: () => Recipe;
	#lastRows: readonly VariedSetting[] = [];
	/** Empty takes the name from the settings. */
	name: string = $state('');
	line: string = $state(FIRST_LINE);
	/** True runs the other cells if some cannot run. */
	leavesOut: boolean = $state(false);
	/** The recipe of a file or a preset; null for the recipe on the page. */
	base: Recipe | null = $state.raw(null);
	named: NamedParts = $state.raw(NO_NAMED_PARTS);

	readonly #read: { rows: readonly VariedSetting[] } | { problem: AppError } = $derived.by(() =>
		readRows(this.line),
	);
	/** The varied settings, seeds included; while the line has a fault, those before it. */
	readonly rows: readonly VariedSetting[] = $derived.by(() => {
		if ('rows' in this.#read) this.#lastRows = this.#read.rows;
		return this.#lastRows;
	});
	/** Why the line cannot be read, naming the column; null if it can. */
	readonly lineProblem: AppError | null = $derived('problem' in this.#read ? this.#read.problem : null);
	readonly check: GridCheck = $derived.by(() => this.#checked());
	/** The given name, or one of the varied settings: "objective × β". */
	readonly title: string = $derived(this.name.trim() === '' ? titleOf(this.rows) : this.name.trim());

	/** @param recipe the recipe on the page */
	constructor(recipe: () => Recipe) {
		this.#recipe = recipe;
	}

	/** The recipe that the cells differ from. */
	get recipe(): Recipe {
		return this.base ?? this.#recipe();
	}

	/** Varies a setting; without values it is no longer varied. */
	set(path: string, values: readonly unknown[]): void {
		const known = this.rows.some((row) => row.path === path);
		const changed = known
			? this.rows.map((row) => (row.path === path ? { path, values } : row))
			: [...this.rows, { path, values }];
		const kept = changed.filter((row) => row.values.length > 0);
		this.line = gridLine([
			...kept.filter(({ path }) => path !== SEED),
			...kept.filter(({ path }) => path === SEED),
		]);
	}

	/** Replaces the draft by a grid of a preset, a file or a link. */
	load(grid: Grid, base: Recipe | null = grid.base): void {
		const { name, cells, compare, extra = [], moreSeeds = [] } = grid;
		this.name = name;
		this.base = base;
		this.named = { cells, compare, extra, moreSeeds };
		this.leavesOut = false;
		this.line = gridLine(rowsOf(grid));
	}

	/** Empties the draft. */
	clear(): void {
		this.name = '';
		this.base = null;
		this.named = NO_NAMED_PARTS;
		this.leavesOut = false;
		this.line = FIRST_LINE;
	}

	removeCell(name: string): void {
		const { cells, compare } = this.named;
		this.named = {
			...this.named,
			cells: cells.filter((cell) => cell.name !== name),
			compare: compare.filter((pair) => !pair.includes(name)),
		};
	}

	#checked(): GridCheck {
		if ('problem' in this.#read) return { plan: null, problem: this.#read.problem, faults: [] };
		let faults: readonly CellFault[] = [];
		try {
			const grid = this.#grid(this.#read.rows);
			const checked = checkedCells(grid);
			({ faults } = checked);
			const usable = faults.length > 0 && this.leavesOut ? withOnly(grid, checked.cells) : grid;
			const cells = gridCells(usable);
			return { plan: { grid: usable, cells, runs: planSharing(gridRuns(usable)), faults }, problem: null };
		} catch (error) {
			return { plan: null, problem: asAppError(error), faults };
		}
	}

	#grid(rows: readonly VariedSetting[]): Grid {
		const read = readGrid({
			schema: 1,
			name: this.title.slice(0, GRID_LIMITS.name),
			base: this.recipe,
			vary: Object.fromEntries(rows.map(({ path, values }) => [path, values])),
		});
		return { ...read, ...this.named };
	}
}

function readRows(line: string): { rows: readonly VariedSetting[] } | { problem: AppError } {
	if (line.trim() === '') return { rows: [] };
	try {
		return { rows: rowsOf(readGrid(readGridLine(line))) };
	} catch (error) {
		return { problem: asAppError(error) };
	}
}

/** The varied settings with the seeds as the last one. */
function rowsOf({ vary, seeds }: Grid): readonly VariedSetting[] {
	return seeds === null ? vary : [...vary, { path: SEED, values: seeds }];
}

/** "objective × β" */
function titleOf(rows: readonly VariedSetting[]): string {
	const varied = rows.filter(({ path, values }) => path !== SEED && values.length > 1);
	return varied.length === 0 ? 'Grid' : varied.map(({ path }) => settingTitle(path)).join(' × ');
}

/** The grid with only these of its cells, each with its settings. */
function withOnly(grid: Grid, cells: readonly Cell[]): Grid {
	const named = cells.map(({ name, settings, begin }): NamedCell => ({ name, settings, begin }));
	const names = new Set(cells.map(({ name }) => name));
	return {
		...grid,
		vary: [],
		extra: [],
		cells: named,
		compare: grid.compare.filter((pair) => pair.every((name) => names.has(name))),
	};
}
