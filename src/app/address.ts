/** The fragment of the page's address, `#run=3f2a&view=loss`: the open run, and the view that the user chose. */
import { PIPELINE, type Noun } from '#core/pipeline.ts';

/** The views of a run: the overview, and one for each step. */
export type View = 'overview' | Noun;

const VIEWS = ['recipe', 'shelf', 'overview', ...PIPELINE.map(({ id }) => id)] as const;

export interface Address {
	/** Id of the open run; null for the first page. */
	run: string | null;
	/** The chosen view; null for the view of the working step. `recipe`: "Change one thing" over the run. */
	view: View | 'recipe' | 'shelf' | null;
}

/** Reads a fragment. Unknown fields and views count as absent. */
export function readAddress(fragment: string): Address {
	const fields = new URLSearchParams(fragment.replace(/^#/, ''));
	const run = fields.get('run');
	return { run: run === '' ? null : run, view: VIEWS.find((view) => view === fields.get('view')) ?? null };
}

/** The fragment with its `#`; empty for the first page. */
export function writeAddress({ run, view }: Address): string {
	const fields = new URLSearchParams();
	if (run !== null) fields.set('run', run);
	if (view !== null) fields.set('view', view);
	return fields.size === 0 ? '' : `#${fields.toString()}`;
}
