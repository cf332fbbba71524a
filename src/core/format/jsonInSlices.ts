/** Writes a large object as JSON without blocking the thread: a run of 48,000 pairs is 50 MB of text. */
import { nextTask } from '../concurrency.ts';

/** Rows that are written in one task, some milliseconds of work. */
const SLICE = 1000;

/** The text of `JSON.stringify(value)`. The lists of the object must not change until it is complete. */
export async function jsonInSlices(value: object): Promise<string> {
	const fields: string[] = [];
	for (const [name, field] of Object.entries(value) as [string, unknown][]) {
		const text = Array.isArray(field) ? await listText(field) : (JSON.stringify(field) as string | undefined);
		if (text !== undefined) fields.push(`${JSON.stringify(name)}:${text}`);
	}
	return `{${fields.join(',')}}`;
}

async function listText(list: readonly unknown[]): Promise<string> {
	const parts: string[] = [];
	for (let from = 0; from < list.length; from += SLICE) {
		if (from > 0) await nextTask();
		parts.push(JSON.stringify(list.slice(from, from + SLICE)).slice(1, -1));
	}
	return `[${parts.join(',')}]`;
}
