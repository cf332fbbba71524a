/**
 * All stored runs, sets of pairs and grids as one ZIP archive of files. The Shelf opens runs and sets one by one, and Grids the grid
 * files, which have the settings and no results. A run file has every readable checkpoint's adapter; a run that is damaged or too
 * large for such a file is exported as the text that is stored.
 */
import type { Adapter } from '../adapter/adapter.ts';
import { asAppError } from '../errors.ts';
import { zip, type ZipEntry } from '../format/zip.ts';
import { SET_FILE_ENDING, writeSetJsonl } from '../pair/set/setFile.ts';
import { gridJson } from '../grid/json.ts';
import type { GridStore, RunStore, SetStore, SetSurvey } from '../ports.ts';
import { RUN_FILE_ENDING, writeRunFile } from '../run/runFile.ts';
import type { DamagedRun, RunRecord, RunSummary } from '../run/run.ts';
import { type ExportedFile, fileStem } from './export.ts';

/** The stored text of a damaged run, and of a healthy run that is too large for a run file. */
const DAMAGED_ENDING = '.damaged.json';
const RECORD_ENDING = '.record.json';
/** A grid, as `npm run ablate` reads it. */
const GRID_ENDING = '.grid.json';

export interface Everything {
	runs: readonly RunSummary[];
	damaged: readonly DamagedRun[];
	/** Kept sets of pairs, and those that cannot be read. */
	sets: SetSurvey;
	grids: Pick<GridStore, 'survey' | 'read'>;
	/** Plain JSON. */
	settings: unknown;
	store: Pick<RunStore, 'read' | 'readText' | 'readCheckpoint'>;
	setStore: Pick<SetStore, 'read' | 'readText'>;
	/** Time of day in ISO form. */
	date: string;
}

export interface ExportOfEverything {
	file: ExportedFile;
	/** Runs and checkpoints that could not be read, a sentence each. */
	leftOut: readonly string[];
}

/** @throws FormatError `zip-too-large` */
export async function exportEverything(all: Everything): Promise<ExportOfEverything> {
	const leftOut: string[] = [];
	const entries: ZipEntry[] = [];
	const names = new Set<string>();
	const add = (name: string, ending: string, content: Uint8Array<ArrayBuffer>): void => {
		entries.push({ name: uniqueName(names, fileStem(name), ending), content });
	};
	const addText = async (id: string, name: string, ending: string): Promise<void> => {
		const text = await all.store.readText(id).catch(() => null);
		if (text !== null) add(name, ending, utf8(text));
	};
	for (const { id, name } of all.runs) {
		let record: RunRecord | null = null;
		try {
			record = await all.store.read(id);
			if (record === null) continue;
			const adapters = await adaptersOf(record, all.store, leftOut);
			const parent = await parentOf(record, all.store);
			add(name, RUN_FILE_ENDING, await writeRunFile({ record, adapters, ...parent }));
		} catch (error) {
			leftOut.push(asAppError(error).message);
			await addText(id, name, record === null ? DAMAGED_ENDING : RECORD_ENDING);
		}
	}
	for (const { id, name } of all.damaged) await addText(id, name, DAMAGED_ENDING);
	await addSets(all, add, leftOut);
	await addGrids(all, add, leftOut);
	add('settings', '.json', utf8(JSON.stringify(all.settings, null, '\t')));
	const content = zip(entries, all.date);
	return {
		file: { name: `anchorage-${all.date.slice(0, 10)}.zip`, type: 'application/zip', content },
		leftOut,
	};
}

type AddFile = (name: string, ending: string, content: Uint8Array<ArrayBuffer>) => void;

/** Each set as a file of pairs; a set that cannot be read as the text that is stored. */
async function addSets({ sets, setStore }: Everything, add: AddFile, leftOut: string[]): Promise<void> {
	const addStored = async ({ id, name }: { id: string; name: string }): Promise<void> => {
		const text = await setStore.readText(id).catch(() => null);
		if (text !== null) add(name, DAMAGED_ENDING, utf8(text));
	};
	for (const summary of sets.sets) {
		try {
			const set = await setStore.read(summary.id);
			if (set !== null) add(summary.name, SET_FILE_ENDING, utf8(writeSetJsonl(set)));
		} catch (error) {
			leftOut.push(asAppError(error).message);
			await addStored(summary);
		}
	}
	for (const set of sets.damaged) await addStored(set);
}

/** Each grid as a grid file. */
async function addGrids({ grids }: Everything, add: AddFile, leftOut: string[]): Promise<void> {
	const { grids: listed, damaged } = await grids.survey();
	for (const { id, name } of listed) {
		const stored = await grids.read(id).catch((error: unknown) => asAppError(error));
		if (stored instanceof Error) leftOut.push(`${name}: ${stored.message}`);
		else if (stored !== null) add(name, GRID_ENDING, utf8(JSON.stringify(gridJson(stored.grid), null, '\t')));
	}
	leftOut.push(...damaged.map(({ reason }) => reason));
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** The adapter that the run begins from; it is stored as the checkpoint of step 0. */
async function parentOf(
	{ id, recipe }: RunRecord,
	store: Everything['store'],
): Promise<{ parent?: Adapter }> {
	const kept = recipe.begin === undefined ? null : await store.readCheckpoint(id, 0);
	return kept === null ? {} : { parent: kept.adapter };
}

async function adaptersOf(
	{ id, name, checkpoints }: RunRecord,
	store: Everything['store'],
	leftOut: string[],
): Promise<readonly Adapter[]> {
	const adapters: Adapter[] = [];
	for (const step of checkpoints) {
		try {
			const kept = await store.readCheckpoint(id, step);
			if (kept !== null) adapters.push(kept.adapter);
		} catch (error) {
			leftOut.push(`${name}: ${asAppError(error).message}`);
		}
	}
	return adapters;
}

/** Runs can have the same name, and archives cannot. */
function uniqueName(taken: Set<string>, stem: string, ending: string): string {
	let name = `${stem}${ending}`;
	for (let n = 2; taken.has(name); n++) name = `${stem}-${n}${ending}`;
	taken.add(name);
	return name;
}
