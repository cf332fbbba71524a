/** Data of the Revision view: counts, the filtered list, and the measures for the histograms. Pure. */
import { firstSmallEdit } from '#core/revision/smallEdit.ts';
import type { ContrastMeasures, Revision, RevisionState } from '#core/revision/revision.ts';

/** Filter of the list: all rows, or rows of one state. */
export type RevisionFilter = 'all' | RevisionState;
export type RevisionOrder = 'in-order' | 'failed-first' | 'largest-change-first';
export type RevisionCounts = Readonly<Record<RevisionState, number>>;

/** One list a measure, in row order; only rows that have a revision. */
export type MeasureLists = Readonly<Record<keyof ContrastMeasures, readonly number[]>>;

export interface RevisionSelection {
	family: string | null;
	filter: RevisionFilter;
	order: RevisionOrder;
	search: string;
}

export function countStates(rows: readonly Revision[]): RevisionCounts {
	const counts: Record<RevisionState, number> = {
		waiting: 0,
		asking: 0,
		revised: 0,
		accepted: 0,
		edited: 0,
		'set-aside': 0,
		rejected: 0,
		failed: 0,
	};
	for (const row of rows) counts[row.state]++;
	return counts;
}

export function selectRevisions(
	rows: readonly Revision[],
	selection: RevisionSelection,
): readonly Revision[] {
	const { family, filter, order, search } = selection;
	const needle = search.trim().toLowerCase();
	const kept = rows.filter(
		(row) =>
			(family === null || row.output.prompt.family === family) &&
			(filter === 'all' || row.state === filter) &&
			(needle === '' || mentions(row, needle)),
	);
	if (order === 'failed-first')
		return kept.toSorted((a, b) => Number(b.state === 'failed') - Number(a.state === 'failed'));
	if (order === 'largest-change-first') return kept.toSorted((a, b) => change(b) - change(a));
	return kept;
}

/** The row that opens without a choice of the user; null without rows. @param small true looks for a small edit */
export function firstShown(rows: readonly Revision[], small: boolean): Revision | null {
	const shown = small ? firstSmallEdit(rows, jaccardOf) : undefined;
	return shown ?? rows.find(({ revised }) => revised !== null) ?? rows[0] ?? null;
}

const jaccardOf = ({ revised, measures }: Revision): number | null =>
	revised === null ? null : (measures?.jaccard ?? null);

function change(row: Revision): number {
	return row.measures?.levenshteinRelative ?? -1;
}

function mentions(row: Revision, needle: string): boolean {
	return [row.output.prompt.text, row.output.text, row.revised ?? ''].some((text) =>
		text.toLowerCase().includes(needle),
	);
}

export function listMeasures(rows: readonly Revision[]): MeasureLists {
	const all = rows.flatMap((row) => row.measures ?? []);
	return {
		jaccard: all.map((m) => m.jaccard),
		levenshtein: all.map((m) => m.levenshtein),
		levenshteinRelative: all.map((m) => m.levenshteinRelative),
		lengthRatio: all.map((m) => m.lengthRatio),
		commonPrefix: all.map((m) => m.commonPrefix),
	};
}
