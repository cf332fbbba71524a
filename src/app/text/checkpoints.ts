/** Sentences about checkpoints that cannot be read. Pure. */
import type { WireError } from '#core/errors.ts';

export interface CheckpointFacts {
	/** In the order in which they were found. */
	damaged: readonly { step: number; error: Pick<WireError, 'message'> }[];
	/** Step of the latest readable checkpoint; null if there is none. */
	latestStep: number | null;
	/** Why the store answered nothing; else null. */
	unread: Pick<WireError, 'message' | 'hint'> | null;
}

/** Names each damaged checkpoint with its reason, and the state that takes its place; null if nothing is wrong. */
export function checkpointNote({ damaged, latestStep, unread }: CheckpointFacts): string | null {
	if (unread !== null) return `${unread.message} ${unread.hint}`;
	if (damaged.length === 0) return null;
	const reasons = damaged.map(({ error }) => error.message).join(' ');
	const instead =
		latestStep === null
			? 'Training starts again from step 0 with the same pairs.'
			: `The checkpoint of step ${latestStep} takes its place.`;
	return `${reasons} ${instead}`;
}
