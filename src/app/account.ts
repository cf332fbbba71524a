/** A failure in three lines, as the page tells it: what happened, what is kept, what to do. Pure. */
import type { WireError } from '#core/errors.ts';
import type { Noun } from '#core/pipeline.ts';
import type { RunPhase } from '#core/run/run.ts';

/** The repair that the main button offers. */
export type Repair =
	/** Go on with what is left. */
	| 'go-on'
	/** Give a new key, then go on. */
	| 'new-key'
	/** Train again from the last checkpoint. */
	| 'from-checkpoint'
	/** Change the recipe, then run again. */
	| 'change-recipe'
	/** Make room on the shelf. */
	| 'free-space'
	| 'reload';

export interface Account {
	/** Short: "401, key not accepted". */
	label: string;
	/** "The endpoint refused the key at revision 312." */
	title: string;
	happened: string;
	kept: string;
	todo: string;
	repair: Repair;
	/** Station at which the failure is shown. */
	noun: Noun;
	phase: RunPhase;
	error: WireError;
}
