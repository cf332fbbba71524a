/** Pairs from revisions: the edit is chosen, the first answer rejected. What gives no pair is listed with its reason. */
import type { Revision } from '../../revision/revision.ts';
import { pairIds, type PreferencePair } from '../pair.ts';
import type { DataMethod } from './method.ts';

export const clair: DataMethod = {
	id: 'clair',
	title: 'CLAIR',
	source: 'prompts',
	stages: ['outputs', 'revisions'],
};

/** Why a revision gave no pair. */
export type LeftOutReason =
	| 'identical'
	| 'rejected'
	| 'set-aside'
	| 'failed'
	| 'not-asked'
	/** Below the recipe's minJaccard: more a new answer than an edit. */
	| 'too-far'
	/** Another row gave the same prompt, chosen and rejected. */
	| 'duplicate';

export interface LeftOut {
	revision: Revision;
	reason: LeftOutReason;
}

export interface PairFilters {
	/** Smallest token Jaccard that still counts as an edit; 0 keeps all that differ. A person's own edit always counts. */
	minJaccard: number;
}

/** The pair of one revision, in any state; null if it has no revised text. */
function pairFromRevision(revision: Revision, id: string): PreferencePair | null {
	const { output, revised, state } = revision;
	if (revised === null) return null;
	return {
		id,
		prompt: output.prompt,
		chosen: revised,
		rejected: output.text,
		method: 'clair',
		from: { chosen: { kind: 'revision', id: revision.id }, rejected: { kind: 'output', id: output.id } },
		edited: state === 'edited' || revision.rule === 'by-hand',
	};
}

function stateReason({ state, reason }: Revision): LeftOutReason | null {
	switch (state) {
		case 'waiting':
		case 'asking':
			return 'not-asked';
		case 'failed':
		case 'set-aside':
			return state;
		case 'rejected':
			return reason === 'identical' ? 'identical' : 'rejected';
		case 'revised':
		case 'accepted':
		case 'edited':
			return null;
	}
}

/** Why the revision gives no pair by itself; null where it gives one. */
export function leftOutReason(revision: Revision, { minJaccard }: PairFilters): LeftOutReason | null {
	const reason = stateReason(revision);
	if (reason !== null) return reason;
	if (revision.revised === null || revision.revised === revision.output.text) return 'identical';
	const byHand = revision.rule === 'by-hand' || revision.state === 'accepted';
	if (!byHand && (revision.measures?.jaccard ?? 1) < minJaccard) return 'too-far';
	return null;
}

/** All pairs of a run in the order of its rows, and the rows that gave none. */
export function buildPairs(
	revisions: readonly Revision[],
	filters: PairFilters,
): { pairs: readonly PreferencePair[]; leftOut: readonly LeftOut[] } {
	const pairs: PreferencePair[] = [];
	const leftOut: LeftOut[] = [];
	const seen = new Set<string>();
	const nextId = pairIds();
	for (const revision of revisions) {
		const id = nextId(revision.output.prompt.id);
		const reason = leftOutReason(revision, filters);
		const pair = reason === null ? pairFromRevision(revision, id) : null;
		if (pair === null) {
			leftOut.push({ revision, reason: reason ?? 'identical' });
			continue;
		}
		const key = contentKey(pair);
		if (seen.has(key)) leftOut.push({ revision, reason: 'duplicate' });
		else pairs.push(pair);
		seen.add(key);
	}
	return { pairs, leftOut };
}

/** Equal for pairs that would train the same. */
export function contentKey({
	prompt,
	chosen,
	rejected,
}: {
	prompt: { text: string };
	chosen: string;
	rejected: string;
}): string {
	return JSON.stringify([prompt.text, chosen, rejected]);
}
