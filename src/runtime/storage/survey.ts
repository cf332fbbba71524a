/**
 * A survey of the stored runs: the rows of the shelf, checked, and the runs that cannot be listed. A row that is missing or damaged
 * is made again from its record.
 */
import * as v from 'valibot';
import { asAppError } from '#core/errors.ts';
import type { StoreSurvey } from '#core/ports.ts';
import { readStoredRun } from '#core/run/migrations.ts';
import { type DamagedRun, type RunSummary, runSummarySchema } from '#core/run/run.ts';
import type { Database } from './database.ts';
import { summaryOf } from './summary.ts';

export async function surveyRuns(database: Database): Promise<Omit<StoreSurvey, 'quota'>> {
	const transaction = database.transaction(['runs', 'summaries', 'checkpoints']);
	const [rows, ids, summaryIds, checkpoints] = await Promise.all([
		transaction.objectStore('summaries').getAll(),
		transaction.objectStore('runs').getAllKeys(),
		transaction.objectStore('summaries').getAllKeys(),
		transaction.objectStore('checkpoints').getAll(),
	]);
	const bytesOf = new Map<string, number>();
	for (const { runId, bytes } of checkpoints) bytesOf.set(runId, (bytesOf.get(runId) ?? 0) + bytes);
	const stored = new Set(ids);
	// Both lists are in the order of keys.
	const rowOf = new Map<string, unknown>(summaryIds.map((id, i) => [id, rows[i]]));
	const runs: RunSummary[] = [];
	const damaged: DamagedRun[] = [];
	for (const id of new Set([...summaryIds, ...ids])) {
		const row = rowOf.get(id);
		const found = stored.has(id) ? await summaryFrom(database, id, row) : lost(id, row);
		const bytes = found.bytes + (bytesOf.get(id) ?? 0);
		if ('reason' in found) damaged.push({ ...found, bytes });
		else runs.push({ ...found, bytes });
	}
	return { runs, damaged };
}

async function summaryFrom(database: Database, id: string, row: unknown): Promise<RunSummary | DamagedRun> {
	const checked = v.safeParse(runSummarySchema, row);
	if (checked.success) return checked.output;
	const stored: unknown = await database.get('runs', id);
	const text = textOf(stored);
	const { edition } = v.parse(v.fallback(editionSchema, {}), row);
	try {
		const record = readStoredRun(text, nameOf(id, row));
		const name = nameOf(record.name, row);
		const mended = { ...record, id, name, edition: edition ?? record.edition ?? 0 };
		const summary = summaryOf(mended, text.length);
		await database.put('summaries', summary);
		return summary;
	} catch (thrown) {
		const { message, code } = asAppError(thrown);
		const reason = code === 'unexpected' ? `Its record is not usable (${message}).` : message;
		return { id, name: nameOf(id, row), reason, bytes: text.length };
	}
}

/** The JSON of a row of `runs`; of the whole row if it holds no text. */
export function textOf(row: unknown): string {
	const parsed = v.safeParse(v.object({ text: v.string() }), row);
	return parsed.success ? parsed.output.text : JSON.stringify(row);
}

const editionSchema = v.object({ edition: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))) });

function lost(id: string, row: unknown): DamagedRun {
	return { id, name: nameOf(id, row), reason: 'Its record is missing.', bytes: 0 };
}

/** The name that a row still has, or else `otherwise`. */
function nameOf(otherwise: string, row: unknown): string {
	const { name } = v.parse(v.fallback(v.object({ name: v.optional(v.string()) }), {}), row);
	return name ?? otherwise;
}
