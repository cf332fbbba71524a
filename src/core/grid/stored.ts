/** A grid as this browser stores it: the grid, its runs so far, and its state. The figures of its runs are stored one by one. */
import * as v from 'valibot';
import { asAppError, FormatError, StorageError } from '../errors.ts';
import { isRecord } from '../format/record.ts';
import { count, listOf } from '../format/schema.ts';
import { SHARED_WORK } from '../recipe/sharedWork.ts';
import { readGrid, type Grid } from './grid.ts';
import { gridJson } from './json.ts';
import { readOutcome, type RunOutcome } from './outcome.ts';

/** The form that this version writes. */
export const STORED_GRID_SCHEMA = 1;

/** A run of a grid that was started, or stopped before its start. */
const startedRunSchema = v.object({
	/** Key of the run in its grid. */
	key: v.string(),
	/** Id of the stored run; null if it was never started. */
	run: v.nullable(v.string()),
	/** True if the user stopped it. */
	stopped: v.boolean(),
	/** Work that it took over from other runs. */
	reused: listOf(v.picklist(SHARED_WORK)),
});
export type StartedRun = v.InferOutput<typeof startedRunSchema>;

const gridState = v.picklist(['planned', 'running', 'paused', 'done']);
/** `running` in the store without a tab that works on it: the tab was closed. */
export type GridState = v.InferOutput<typeof gridState>;

const storedGridSchema = v.object({
	schema: v.literal(STORED_GRID_SCHEMA),
	id: v.pipe(v.string(), v.minLength(1)),
	/** Number of writes; 0 before the first. */
	edition: count,
	createdAt: v.pipe(v.string(), v.isoTimestamp()),
	changedAt: v.pipe(v.string(), v.isoTimestamp()),
	state: gridState,
	/** See `gridJson`. */
	grid: v.unknown(),
	started: listOf(startedRunSchema),
	cells: count,
	runs: count,
	/** Runs with figures. */
	done: count,
});

export interface StoredGrid extends Omit<v.InferOutput<typeof storedGridSchema>, 'grid'> {
	grid: Grid;
}

/** A row of the shelf. */
export interface GridSummary extends Pick<
	StoredGrid,
	'id' | 'createdAt' | 'changedAt' | 'state' | 'cells' | 'runs' | 'done'
> {
	name: string;
	/** Ids of its stored runs. */
	runIds: readonly string[];
	/** Approximate size in the store, without its runs. */
	bytes: number;
}

/** A stored grid that cannot be read. */
export interface DamagedGrid {
	id: string;
	/** A sentence that names the place of the fault. */
	reason: string;
	bytes: number;
}

/** JSON of a grid for the store. */
export function storedGridText(stored: StoredGrid): string {
	return JSON.stringify({ ...stored, grid: gridJson(stored.grid) });
}

/**
 * @param text JSON in the form of the version that wrote it
 * @throws FormatError `grid-newer` · `grid-damaged` with the first wrong field · those of `readGrid`
 */
export function readStoredGrid(text: string): StoredGrid {
	const json = parsed(text);
	const form = isRecord(json) ? json['schema'] : undefined;
	if (typeof form === 'number' && form > STORED_GRID_SCHEMA) throw newerGrid(form);
	const { success, output, issues } = v.safeParse(storedGridSchema, json);
	if (!success)
		throw damagedGrid(`${v.getDotPath(issues[0]) ?? 'its text'} is not usable (${issues[0].message})`);
	return { ...output, grid: readGrid(output.grid) };
}

export function summaryOfGrid(stored: StoredGrid, bytes: number): GridSummary {
	const { id, createdAt, changedAt, state, cells, runs, done, grid, started } = stored;
	const runIds = started.flatMap(({ run }) => run ?? []);
	return { id, name: grid.name, createdAt, changedAt, state, cells, runs, done, runIds, bytes };
}

/** The outcome of a run that this page stored; null if its text is not usable: the run is then measured again. */
export function readStoredOutcome(text: string): RunOutcome | null {
	try {
		return readOutcome(JSON.parse(text));
	} catch {
		return null;
	}
}

/**
 * Two tabs with the same grid must not undo each other's work.
 *
 * @param stored the stored edition; undefined if the grid is not stored
 * @throws StorageError `grid-overtaken` · `grid-deleted`
 */
export function expectGridEdition({ grid: { name }, edition }: StoredGrid, stored: number | undefined): void {
	if (stored === edition || (stored === undefined && edition === 0)) return;
	if (stored === undefined) throw gridDeleted(name);
	throw new StorageError(`The grid “${name}” was changed in another tab after this one had read it.`, {
		code: 'grid-overtaken',
		hint: 'Open it again, then repeat your change.',
	});
}

/** @param name of the grid, or of a run of it */
export function gridDeleted(name: string): StorageError {
	return new StorageError(
		`The grid of “${name}” is no longer stored: it was deleted, perhaps in another tab.`,
		{
			code: 'grid-deleted',
			hint: 'Its runs and figures are still on this page. Export its results before you close the tab.',
		},
	);
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw damagedGrid(asAppError(cause).message);
	}
}

function damagedGrid(why: string): FormatError {
	return new FormatError(`The grid is damaged: ${why}.`, {
		code: 'grid-damaged',
		hint: 'Its runs are on the shelf by themselves. Delete the grid, and make it again.',
	});
}

function newerGrid(form: number): FormatError {
	return new FormatError(
		`The grid was written by a newer version: it has form ${form}, and this page reads form ${STORED_GRID_SCHEMA}.`,
		{ code: 'grid-newer', hint: 'Update this page, then open the grid again.', context: { form } },
	);
}
