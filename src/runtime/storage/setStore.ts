/** Kept sets of pairs in the page's database. Each action is one transaction: a set is stored as a whole or not at all. */
import * as v from 'valibot';
import { asAppError } from '#core/errors.ts';
import { jsonInSlices } from '#core/format/jsonInSlices.ts';
import {
	type DamagedSet,
	type KeptSet,
	type SetSummary,
	setSummarySchema,
	summaryOfSet,
} from '#core/pair/set/keptSet.ts';
import { expectSameEdition, readStoredSet } from '#core/pair/set/storedSet.ts';
import type { SetStore, SetSurvey } from '#core/ports.ts';
import { DATABASE_NAME, type Database } from './database.ts';
import { guarded } from './failure.ts';
import { LazyDatabase } from './lazyDatabase.ts';
import { textOf } from './survey.ts';

export class BrowserSetStore implements SetStore {
	readonly #database: LazyDatabase;

	/** @param name of the database */
	constructor(name: string = DATABASE_NAME) {
		this.#database = new LazyDatabase(name);
	}

	survey(): Promise<SetSurvey> {
		return guarded('Listing the sets of pairs', async () => surveySets(await this.#database.open()));
	}

	/** Takes the name from the summary, because a rename does not write the pairs again. */
	read(id: string): Promise<KeptSet | null> {
		return guarded('Reading the set of pairs', async () => {
			const transaction = (await this.#database.open()).transaction(['sets', 'setSummaries']);
			const [row, summary]: [unknown, unknown] = await Promise.all([
				transaction.objectStore('sets').get(id),
				transaction.objectStore('setSummaries').get(id),
			]);
			if (row === undefined) return null;
			const name = nameOf(summary);
			const set = readStoredSet(textOf(row), name ?? id);
			return { ...set, id, name: name ?? set.name };
		});
	}

	readText(id: string): Promise<string | null> {
		return guarded('Reading the set of pairs', async () => {
			const row: unknown = await (await this.#database.open()).get('sets', id);
			return row === undefined ? null : textOf(row);
		});
	}

	/** Checks and writes in one transaction, so that no other tab can write in between. */
	write(set: KeptSet, before: string | null): Promise<void> {
		return guarded('Saving the set of pairs', async () => {
			const database = await this.#database.open();
			const text = await jsonInSlices(set);
			const transaction = database.transaction(['sets', 'setSummaries'], 'readwrite');
			const summaries = transaction.objectStore('setSummaries');
			const stored = await summaries.get(set.id);
			expectSameEdition(set.name, stored?.sha256, before);
			const summary = summaryOfSet({ ...set, name: stored?.name ?? set.name }, text.length);
			await Promise.all([
				transaction.objectStore('sets').put({ id: set.id, text }),
				summaries.put(summary),
				transaction.done,
			]);
		});
	}

	/** Ignores a missing set: another tab may have deleted it. */
	rename(id: string, name: string): Promise<void> {
		return guarded('Renaming the set of pairs', async () => {
			const transaction = (await this.#database.open()).transaction('setSummaries', 'readwrite');
			const summary = await transaction.store.get(id);
			if (summary !== undefined) await transaction.store.put({ ...summary, name });
			await transaction.done;
		});
	}

	remove(id: string): Promise<void> {
		return guarded('Deleting the set of pairs', async () => {
			const transaction = (await this.#database.open()).transaction(['sets', 'setSummaries'], 'readwrite');
			await Promise.all([
				transaction.objectStore('sets').delete(id),
				transaction.objectStore('setSummaries').delete(id),
				transaction.done,
			]);
		});
	}

	/** Closes the database; the next call opens it again. */
	close(): Promise<void> {
		return this.#database.close();
	}
}

/** A row that is missing or damaged is made again from its set. */
async function surveySets(database: Database): Promise<SetSurvey> {
	const transaction = database.transaction(['sets', 'setSummaries']);
	const [rows, summaryIds, ids] = await Promise.all([
		transaction.objectStore('setSummaries').getAll(),
		transaction.objectStore('setSummaries').getAllKeys(),
		transaction.objectStore('sets').getAllKeys(),
	]);
	// Both lists are in the order of keys.
	const rowOf = new Map<string, unknown>(summaryIds.map((id, i) => [id, rows[i]]));
	const sets: SetSummary[] = [];
	const damaged: DamagedSet[] = [];
	for (const id of ids) {
		const checked = v.safeParse(setSummarySchema, rowOf.get(id));
		const found = checked.success ? checked.output : await mended(database, id, nameOf(rowOf.get(id)));
		if ('reason' in found) damaged.push(found);
		else sets.push(found);
	}
	return { sets, damaged };
}

async function mended(database: Database, id: string, name: string | null): Promise<SetSummary | DamagedSet> {
	const text = textOf(await database.get('sets', id));
	try {
		const set = readStoredSet(text, name ?? id);
		const summary = summaryOfSet({ ...set, id, name: name ?? set.name }, text.length);
		await database.put('setSummaries', summary);
		return summary;
	} catch (thrown) {
		return { id, name: name ?? id, reason: asAppError(thrown).message, bytes: text.length };
	}
}

/** The name that a row still has; null if it has none. */
function nameOf(row: unknown): string | null {
	const parsed = v.safeParse(v.object({ name: v.string() }), row);
	return parsed.success ? parsed.output.name : null;
}
