/**
 * An export: one form in which a run leaves the page, as files that other tools read. One record a form, in a file of its own under
 * exports/. Settings and data only: never a key.
 */
import type { Adapter } from '../adapter/adapter.ts';
import type { RunRecord } from '../run/run.ts';

/** A run as an export sees it. */
export interface ExportSource {
	record: RunRecord;
	/** The adapter of the checkpoint that the page shows; null if the run has none. Rejects if the store cannot read it. */
	adapter: () => Promise<Adapter | null>;
}

export interface ExportedFile {
	name: string;
	/** Media type. */
	type: string;
	content: string | Uint8Array<ArrayBuffer>;
}

export interface RunExport {
	id: string;
	/** For the page: what leaves, and who reads it. */
	label: string;
	detail: string;
	/** @throws AppError if the run lacks what this form needs */
	write(source: ExportSource): Promise<readonly ExportedFile[]>;
}

/** A run's name as the beginning of a file's name. */
export function fileStem(name: string): string {
	const safe = name
		.replace(/[^\p{L}\p{N} _-]+/gu, '')
		.trim()
		.replaceAll(' ', '-')
		.toLowerCase();
	return safe === '' ? 'run' : safe;
}
