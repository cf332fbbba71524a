import type { ExportSource } from '#core/exchange/export.ts';
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
