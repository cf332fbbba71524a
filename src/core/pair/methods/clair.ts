/** Pairs from revisions: the edit is chosen, the first answer rejected. Every revision without a pair is listed with its reason. */
import type { RejectionReason, Revision } from '../../revision/revision.ts';
import { pairIds, type PreferencePair } from '../pair.ts';
import { PairCollector } from './collect.ts';
import type { BuiltPairs, DataMethod, LeftOutReason, PairSettings } from './method.ts';

/** Why a revision gives no pair. */
const REASONS = {
	identical: { text: 'nothing to correct: the revision is the answer', open: false },
	rejected: { text: 'the reply could not be used', open: false },
	'set-aside': { text: 'set aside by you', open: true },
	failed: { text: 'the request failed', open: true },
	'not-asked': { text: 'not asked yet', open: true },
	/** Below the recipe's minJaccard: a new answer rather than an edit. */
	'too-far': { text: 'the edit changes more than the recipe allows', open: false },
	/** Another row gave the same prompt, chosen and rejected. */
	duplicate: { text: 'the same as another pair', open: false },
} as const satisfies Record<string, LeftOutReason>;
type Reason = keyof typeof REASONS;

export const clair: DataMethod = {
	id: 'clair',
	title: 'CLAIR',
	source: 'prompts',
	stages: ['outputs', 'revisions'],
	answersPerPrompt: 1,
	build: ({ revisions }, settings) => pairsOf(revisions, settings),
	leftOutReasons: REASONS,
	texts: {
		choice: 'revisions of its own answers',
		planned: ({ minJaccard }) => (minJaccard > 0 ? `words in common ≥ ${minJaccard}` : 'all that differ'),
		made: 'kept',
		noPairs: 'Every revision that differs from the answer and is not set aside becomes a pair.',
		chosenBy: 'the revision',
		rejectedBy: 'the model’s answer',
		ownAnswer: 'If the teacher corrects an answer, it becomes the rejected side of a pair.',
		pair: 'The two answers differ only in the edit. All their tokens count in the loss, but what both share pulls in both directions and nearly cancels, so the edit teaches most. CLAIR calls such a pair contrastive.',
		steps: {
			output: 'What the small model answers today: often right, often flawed in the same ways.',
			revision: 'A teacher’s edit of that answer, as small as possible.',
			pair: 'The edit is chosen, the first answer rejected.',
		},
		skipped: '',
		skippedNote: '',
	},
};

/** The pair of one revision, in any state; null if it has no revised text. */
function pairFromRevision(revision: Revision, id: string): PreferencePair | null {
	const { output, revised, state } = revision;
	if (revised === null) return null;
	return {
		id,
		prompt: output.prompt,
		chosen: revised,
		rejected: output.text,
		method: clair.id,
		from: { chosen: { kind: 'revision', id: revision.id }, rejected: { kind: 'output', id: output.id } },
		edited: state === 'edited' || revision.rule === 'by-hand',
	};
}

/** Reasons of a reply that leaves the answer as it is. */
const NOTHING_CHANGED: ReadonlySet<RejectionReason> = new Set(['identical', 'unchanged', 'spacing']);

function stateReason({ state, reason }: Revision): Reason | null {
	switch (state) {
		case 'waiting':
		case 'asking':
			return 'not-asked';
		case 'failed':
		case 'set-aside':
			return state;
		case 'rejected':
			return reason !== null && NOTHING_CHANGED.has(reason) ? 'identical' : 'rejected';
		case 'revised':
		case 'accepted':
		case 'edited':
			return null;
	}
}

/** Why the revision gives no pair by itself; null if it gives one. */
function leftOutReason(revision: Revision, { minJaccard }: PairSettings): Reason | null {
	const reason = stateReason(revision);
	if (reason !== null) return reason;
	if (revision.revised === null || revision.revised === revision.output.text) return 'identical';
	const byHand = revision.rule === 'by-hand' || revision.state === 'accepted';
	if (!byHand && (revision.measures?.jaccard ?? 1) < minJaccard) return 'too-far';
	return null;
}

/** All pairs of a run in the order of its revisions, and the revisions that gave none. */
function pairsOf(revisions: readonly Revision[], settings: PairSettings): BuiltPairs {
	const collected = new PairCollector();
	const nextId = pairIds();
	for (const revision of revisions) {
		const reason = leftOutReason(revision, settings);
		const pair = pairFromRevision(revision, nextId(revision.output.prompt.id));
		if (reason !== null || pair === null) collected.leaveOut(revision.id, reason ?? 'identical');
		else collected.add(revision.id, pair);
	}
	return collected.built;
}
