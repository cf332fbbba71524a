/** Replies that did not end by themselves: their text is only a part, so no revision is read from it. */
import { RemoteError, toWire } from '../errors.ts';
import type { FinishReason } from '../output/output.ts';
import { withFailure, withoutEarlier } from './decide.ts';
import type { RejectionReason, Revision } from './revision.ts';

/** The part of a chat reply that this module reads. */
export interface EndedReply {
	text: string;
	finishReason: FinishReason;
	/** The endpoint's own word for the ending. */
	ending?: string;
}

const REASONS: Partial<Record<FinishReason, RejectionReason>> = { length: 'cut-off', filtered: 'filtered' };

export function isUnfinished({ finishReason }: EndedReply): boolean {
	return finishReason !== 'stop';
}

/**
 * The row with an unfinished reply: rejected as cut off or filtered, or failed if the endpoint gave another
 * reason. Keeps the text and the endpoint's word,
 * and nothing of an earlier reply but, for a failed row, its revision.
 */
export function withUnfinishedReply(row: Revision, { text, finishReason, ending }: EndedReply): Revision {
	const kept = { ...withoutEarlier(row), rawReply: text, ...(ending === undefined ? {} : { ending }) };
	const reason = REASONS[finishReason];
	if (reason === undefined) return withFailure(kept, toWire(endedEarly(row.reviser, ending ?? finishReason)));
	return {
		...kept,
		state: 'rejected',
		revised: null,
		reasoning: null,
		rule: null,
		reason,
		measures: null,
		error: null,
	};
}

function endedEarly(reviser: string, ending: string): RemoteError {
	return new RemoteError(`${reviser} did not finish its reply: it ended with “${ending}”.`, {
		code: 'reply-ended',
		hint: 'Ask again. If the endpoint gives the same reason again, choose another model.',
		context: { ending },
	});
}
