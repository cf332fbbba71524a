/** Grids of runs in the page's database. Each action is one transaction; the runs themselves are in the run store. */
import * as v from 'valibot';
import { asAppError } from '#core/errors.ts';
import type { RunOutcome } from '#core/grid/outcome.ts';
import {
	type DamagedGrid,
	expectGridEdition,
	gridDeleted,
	type GridSummary,
	readStoredGrid,
	readStoredOutcome,
	type StoredGrid,
	storedGridText,
	summaryOfGrid,
} from '#core/grid/stored.ts';
import type { GridStore, GridSurvey } from '#core/ports.ts';
import { DATABASE_NAME } from './database.ts';
import { guarded } from './failure.ts';
import { LazyDatabase } from './lazyDatabase.ts';
import { textOf } from './survey.ts';

/** The outcomes of one grid. */
function outcomesOf(id: string): IDBKeyRange {
	// A list is greater than every text, so no key of a run comes after it.
	return IDBKeyRange.bound([id], [id, []]);
}

const editionSchema = v.object({ edition: v.number() });

export class BrowserGridStore implements GridStore {
	readonly #database: LazyDatabase;

	/** @param name of the database */
	constructor(name: string = DATABASE_NAME) {
		this.#database = new LazyDatabase(name);
	}

	survey(): Promise<GridSurvey> {
		return guarded('Listing the grids', async () => {
			const database = await this.#database.open();
			const rows: readonly unknown[] = await database.getAll('grids');
			const ids = await database.getAllKeys('grids');
			const grids: GridSummary[] = [];
			const damaged: DamagedGrid[] = [];
			// Both lists are in the order of keys.
			for (const [i, id] of ids.entries()) {
				const text = textOf(rows[i]);
				try {
					grids.push({ ...summaryOfGrid(readStoredGrid(text), text.length), id });
				} catch (thrown) {
					damaged.push({ id, reason: asAppError(thrown).message, bytes: text.length });
				}
			}
			return { grids, damaged };
		});
	}

	read(id: string): Promise<StoredGrid | null> {
		return guarded('Reading the grid', async () => {
			const row: unknown = await (await this.#database.open()).get('grids', id);
			if (row === undefined) return null;
			return { ...readStoredGrid(textOf(row)), id, edition: editionOf(row) };
		});
	}

	outcomes(id: string): Promise<readonly RunOutcome[]> {
		return guarded('Reading the outcomes of the grid', async () => {
			const rows: readonly unknown[] = await (
				await this.#database.open()
			).getAll('gridOutcomes', outcomesOf(id));
			return rows.flatMap((row) => readStoredOutcome(textOf(row)) ?? []);
		});
	}

	/** Checks and raises the edition in one transaction, so that no other tab can write in between. */
	write(grid: StoredGrid): Promise<number> {
		return guarded('Saving the grid', async () => {
			const edition = grid.edition + 1;
			const text = storedGridText({ ...grid, edition });
			const transaction = (await this.#database.open()).transaction('grids', 'readwrite');
			expectGridEdition(grid, (await transaction.store.get(grid.id))?.edition);
			await Promise.all([transaction.store.put({ id: grid.id, text, edition }), transaction.done]);
			return edition;
		});
	}

	writeOutcome(id: string, outcome: RunOutcome): Promise<void> {
		return guarded('Saving the outcome of a run', async () => {
			const transaction = (await this.#database.open()).transaction(['grids', 'gridOutcomes'], 'readwrite');
			const grid = await transaction.objectStore('grids').getKey(id);
			if (grid === undefined) throw gridDeleted(outcome.key);
			const row = { gridId: id, run: outcome.key, text: JSON.stringify(outcome) };
			await Promise.all([transaction.objectStore('gridOutcomes').put(row), transaction.done]);
		});
	}

	remove(id: string): Promise<void> {
		return guarded('Deleting the grid', async () => {
			const transaction = (await this.#database.open()).transaction(['grids', 'gridOutcomes'], 'readwrite');
			await Promise.all([
				transaction.objectStore('grids').delete(id),
				transaction.objectStore('gridOutcomes').delete(outcomesOf(id)),
				transaction.done,
			]);
		});
	}

	/** Closes the database; the next call opens it again. */
	close(): Promise<void> {
		return this.#database.close();
	}
}

function editionOf(row: unknown): number {
	const parsed = v.safeParse(editionSchema, row);
	return parsed.success ? parsed.output.edition : 0;
}
