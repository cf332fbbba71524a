/** A run as the exports read it, and as the file that the Shelf opens. */
import type { ExportSource } from '#core/exchange/export.ts';
import { wholeRun } from '#core/exchange/exports/wholeRun.ts';
import type { Run } from './run.svelte.ts';

/** A run as exports see it, with the checkpoint that is shown; null before any run. */
export function exportSourceOf(run: Run): ExportSource | null {
	const record = run.record();
	const { adapter } = run.steps;
	if (record === null) return null;
	return {
		record,
		adapter: () => (adapter.shownStep === null ? Promise.resolve(null) : adapter.read(adapter.shownStep)),
		parent: () => run.parent.read(),
	};
}

/** The whole run as the content of a file; null before any run. */
export async function fileOf(run: Run): Promise<Uint8Array<ArrayBuffer> | null> {
	const source = exportSourceOf(run);
	const [file] = source === null ? [] : await wholeRun.write(source);
	return file === undefined || typeof file.content === 'string' ? null : file.content;
}
