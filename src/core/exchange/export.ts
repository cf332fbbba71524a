/**
 * An export: one form of a run as files that other tools read. Each form is one record in its own file under
 * exports/. Settings and data only: never a key.
 */
import type { Adapter } from '../adapter/adapter.ts';
import type { RunRecord } from '../run/run.ts';

/** The run to export. */
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
	/** For the page: the content, and the programs that read it. */
	label: string;
	detail: string;
	/** @throws AppError if the run lacks what this form needs */
	write(source: ExportSource): Promise<readonly ExportedFile[]>;
}

/** A run's name as the start of a file name. */
export function fileStem(name: string): string {
	const safe = name
		.replace(/[^\p{L}\p{N} _-]+/gu, '')
		.trim()
		.replaceAll(' ', '-')
		.toLowerCase();
	return safe === '' ? 'run' : safe;
}
