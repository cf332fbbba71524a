/** A run as the exports read it, and as the file that the Shelf opens. */
import type { ExportSource } from '#core/exchange/export.ts';
import { wholeRun } from '#core/exchange/exports/wholeRun.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { Run } from './run.svelte.ts';

/**
 * A run as exports see it, with the checkpoint that is shown; null before any run.
 *
 * @param engines give the base model's files to the exports that hold them
 */
export function exportSourceOf(run: Run, engines?: Pick<Engines, 'pageModel'>): ExportSource | null {
	const record = run.record();
	const { adapter } = run.steps;
	if (record === null) return null;
	return {
		record,
		adapter: () => (adapter.shownStep === null ? Promise.resolve(null) : adapter.read(adapter.shownStep)),
		parent: () => run.parent.read(),
		...(engines && { base: () => engines.pageModel(record.recipe.model) }),
	};
}

/** The whole run as the content of a file; null before any run. */
export async function fileOf(run: Run): Promise<Uint8Array<ArrayBuffer> | null> {
	const source = exportSourceOf(run);
	const [file] = source === null ? [] : await wholeRun.write(source);
	return file === undefined || typeof file.content === 'string' ? null : file.content;
}
