/** The runs of a grid in their order, with the work that each can take over from earlier ones. */
import { methodOf } from '../pair/methods/registry.ts';
import { withSeed, type Recipe } from '../recipe/recipe.ts';
import { SHARED_WORK, workKey, type SharedWork } from '../recipe/sharedWork.ts';
import { hash64 } from '../math/hash.ts';
import type { Cell } from './cell.ts';
import { gridCells } from './cells.ts';
import type { Grid } from './grid.ts';

/** One cell with one seed. */
export interface GridRun {
	/** Unique in the grid, and usable as the name of a file. */
	readonly key: string;
	readonly cell: string;
	readonly seed: number;
	/** Without `begin`, which names an adapter that may not exist yet. */
	readonly recipe: Recipe;
	/** Key of the run from whose last adapter it begins; null for the base model. */
	readonly begin: string | null;
	/** Equal for runs of the same experiment, its parents included: a finished run of a grid that changed is still of use. */
	readonly identity: string;
}

/** A run's place in the order, and the runs whose work it takes over. */
export interface PlannedRun {
	readonly run: GridRun;
	/** Keys of earlier runs by kind of work. */
	readonly shares: Readonly<Partial<Record<SharedWork, string>>>;
}

/**
 * One seed of every cell comes before the second, so that every cell has a result early. A cell that begins from another one comes
 * after it.
 *
 * @throws FormatError; see `gridCells`
 */
export function gridRuns(grid: Grid): readonly GridRun[] {
	const cells = parentsFirst(gridCells(grid));
	const keys = fileNames(cells);
	const made = new Map<string, GridRun>();
	for (const { seed, sets, cells: some } of seedsOf(grid, cells))
		for (const { name, recipe, begin } of some) {
			const seeded = sets ? withSeed(recipe, seed) : recipe;
			const keyOf = (cell: string): string => `${keys.get(cell) ?? cell}.seed${seed}`;
			if (made.has(keyOf(name))) continue;
			const parent = begin === null ? undefined : made.get(keyOf(begin));
			made.set(keyOf(name), {
				key: keyOf(name),
				cell: name,
				seed,
				recipe: parent === undefined ? seeded : onOtherPrompts(seeded),
				begin: parent?.key ?? null,
				identity: hash64(JSON.stringify([seeded, parent?.identity ?? null])),
			});
		}
	return [...made.values()];
}

interface SeededCells {
	seed: number;
	/** False keeps the seeds of the base recipe. */
	sets: boolean;
	cells: readonly Cell[];
}

/** The seeds in their order, each with its cells. */
function seedsOf({ seeds, base, moreSeeds = [] }: Grid, cells: readonly Cell[]): readonly SeededCells[] {
	const first = seeds ?? [base.training.seed];
	const added = new Map<number, Set<string>>();
	for (const { cell, seeds: more } of moreSeeds)
		for (const seed of more) {
			const names = cell === null ? cells.map(({ name }) => name) : withParents(cell, cells);
			added.set(seed, new Set([...(added.get(seed) ?? []), ...names]));
		}
	return [
		...first.map((seed) => ({ seed, sets: seeds !== null, cells })),
		...[...added].map(([seed, names]) => ({
			seed,
			sets: true,
			cells: cells.filter(({ name }) => names.has(name)),
		})),
	];
}

/** A cell and those that it begins from, which need the same seed. */
function withParents(name: string, cells: readonly Cell[]): readonly string[] {
	const parent = cells.find((cell) => cell.name === name)?.begin ?? null;
	return parent === null ? [name] : [...withParents(parent, cells), name];
}

/** As in another round of a run, see `nextRound`: a tuned model gets prompts that it was not tuned on. */
function onOtherPrompts(recipe: Recipe): Recipe {
	return { ...recipe, prompts: { ...recipe.prompts, seed: recipe.prompts.seed + 1 } };
}

function parentsFirst(cells: readonly Cell[]): readonly Cell[] {
	const byName = new Map(cells.map((cell) => [cell.name, cell]));
	const ordered = new Set<Cell>();
	const add = (cell: Cell): void => {
		const parent = cell.begin === null ? undefined : byName.get(cell.begin);
		if (parent !== undefined) add(parent);
		ordered.add(cell);
	};
	for (const cell of cells) add(cell);
	return [...ordered];
}

/** Characters of a file's name. */
const NAME_LENGTH = 60;

/** "clair_beta_0.1" by cell; names that would be equal or lose a sign end with a hash. */
function fileNames(cells: readonly Cell[]): ReadonlyMap<string, string> {
	return new Map(
		cells.map(({ name }) => {
			const plain = name.replaceAll(', ', '_').replaceAll(' ', '_');
			const safe = plain.replace(/[^\w.-]/g, '').slice(0, NAME_LENGTH);
			const exact = safe === plain && safe === safe.toLowerCase() && !safe.startsWith('.');
			return [name, exact ? safe : `${safe.replace(/^\.+/, '')}-${hash64(name).slice(0, 6)}`];
		}),
	);
}

/** @param runs in the order in which they are run */
export function planSharing(runs: readonly GridRun[]): readonly PlannedRun[] {
	const first = new Map<string, GridRun>();
	return runs.map((run) => {
		const shares: Partial<Record<SharedWork, string>> = {};
		for (const kind of SHARED_WORK) {
			const key = keyOf(run, kind);
			if (key === null) continue;
			const known = first.get(key);
			if (known !== undefined) shares[kind] = known.key;
			// A run that makes more answers replaces one that makes fewer.
			if (known === undefined || (kind === 'outputs' && answers(run) > answers(known))) first.set(key, run);
		}
		return { run, shares };
	});
}

function answers({ recipe }: GridRun): number {
	return methodOf(recipe.pairs.method).answersPerPrompt;
}

/** Replies about answers are shared if the answers are, too. */
function keyOf(run: GridRun, kind: SharedWork): string | null {
	const { begin } = run;
	const own = workKey(run.recipe, kind);
	if (own === null) return null;
	const about =
		kind === 'revisions' || kind === 'judgements'
			? [workKey(run.recipe, 'outputs'), workKey(run.recipe, 'answers')]
			: [];
	// Answers of other models do not depend on the target.
	const target = kind === 'answers' ? null : begin;
	return JSON.stringify([kind, target, own, ...about]);
}
