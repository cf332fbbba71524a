/** Judgements without a verdict, as faults of their rows. Pure. */
import { type RowFault, rowFault } from '../batch/rowFaults.ts';
import { FormatError } from '../errors.ts';
import type { Judgement, UnreadReason } from './judgement.ts';

/** Why a reply has no verdict, as a sentence. */
export const UNREAD: Readonly<Record<UnreadReason, string>> = {
	empty: 'The reply is empty.',
	refusal: 'The judge refuses to compare.',
	'no-verdict': 'The reply has no verdict in a known form.',
	'cut-off': 'The reply was cut off before its verdict. Raise “longest reply” in the judge’s settings.',
	filtered: 'The endpoint’s filter ended the reply.',
};

/** The prompts whose comparison failed or has an unreadable reply, each with its reason. */
export function withoutVerdict(rows: readonly Judgement[]): readonly RowFault[] {
	return rows.flatMap(({ prompt, state, error, asked }) => {
		if (state === 'failed' && error !== null) return [{ id: prompt.id, error }];
		const reason = asked.find(({ unread }) => unread !== null)?.unread ?? null;
		return state === 'unread' && reason !== null ? [rowFault(prompt.id, unreadReply(reason))] : [];
	});
}

function unreadReply(reason: UnreadReason): FormatError {
	return new FormatError(UNREAD[reason], {
		code: 'judgement-unread',
		hint: 'Ask again, or choose another judge.',
		context: { reason },
	});
}
