/**
 * An export: one form of a run as files that other tools read. Each form is one record in its own file under
 * exports/. Settings and data only: never a key.
 */
import type { Adapter } from '../adapter/adapter.ts';
import type { OpenedModel } from '../model/model.ts';
import type { RunRecord } from '../run/run.ts';

/** The run to export. */
export interface ExportSource {
	record: RunRecord;
	/** The adapter of the checkpoint that the page shows; null if the run has none. Rejects if the store cannot read it. */
	adapter: () => Promise<Adapter | null>;
	/** The adapter that the run begins from, for the plain base; null or absent for the base model. */
	parent?: () => Promise<Adapter | null>;
	/** The files of the base model if it comes with the page; null or absent for a model that the user added. */
	base?: () => Promise<OpenedModel | null>;
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

/** `monday-pairs.jsonl`: the run's name in front, so that the files of two runs do not collide. */
export const fileName = ({ name }: Pick<RunRecord, 'name'>, rest: string): string =>
	`${fileStem(name)}-${rest}`;

/** Names that Windows reserves for devices, with any ending. */
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/** Characters of a file's stem: with its ending, the name stays under 255 bytes in every script. */
const LONGEST_STEM = 60;

/**
 * A run's name as the start of a file name: letters, their marks, digits, `_` and `-`. So it has no folder, no ending, no control and
 * no change of direction, on any system.
 */
export function fileStem(name: string): string {
	const words = name
		.normalize('NFC')
		.toLowerCase()
		.replace(/\s+/gu, '-')
		.replace(/[^\p{L}\p{M}\p{N}_-]+/gu, '');
	const stem = Array.from(words)
		.slice(0, LONGEST_STEM)
		.join('')
		.replace(/^[-\p{M}]+|-+$/gu, '');
	if (stem === '') return 'run';
	return DEVICES.test(stem) ? `run-${stem}` : stem;
}
