/** Pairs from judgements, shared by the methods with a judge: the preferred answer is chosen, the other rejected. */
import { type Comparison, preference } from '../../judgement/decide.ts';
import type { ComparedAnswer, Judgement } from '../../judgement/judgement.ts';
import type { Output } from '../../output/output.ts';
import { pairIds, type PreferencePair } from '../pair.ts';
import { PairCollector } from './collect.ts';
import type { BuiltPairs, LeftOutReason } from './method.ts';

/** Why two answers give no pair. */
export const JUDGED_REASONS = {
	equal: { text: 'both answers are the same, so the judge was not asked', open: false },
	position: {
		text: 'a tie: the judge picked by position, and picked the other answer when they were swapped',
		open: false,
	},
	tie: { text: 'a tie: the judge preferred neither answer', open: false },
	unread: { text: 'a reply of the judge has no readable verdict', open: true },
	failed: { text: 'the request failed', open: true },
	'not-asked': { text: 'not asked yet', open: true },
	/** Only one of the two answers is there. */
	'one-answer': { text: 'one of the two answers is missing', open: true },
	duplicate: { text: 'the same as another pair', open: false },
} as const satisfies Record<string, LeftOutReason>;
type Reason = keyof typeof JUDGED_REASONS;

/** The first two answers to each prompt; a prompt with one has no comparison. */
export function firstTwo(answers: readonly Output[], kind: ComparedAnswer['kind']): readonly Comparison[] {
	return [...byPrompt(answers).values()].flatMap(([first, second]) =>
		first === undefined || second === undefined
			? []
			: [{ prompt: first.prompt, first: compared(first, kind), second: compared(second, kind) }],
	);
}

function compared({ id, text, model }: Output, kind: ComparedAnswer['kind']): ComparedAnswer {
	return { kind, id, text, model };
}

function byPrompt(answers: readonly Output[]): ReadonlyMap<string, readonly Output[]> {
	const groups = new Map<string, Output[]>();
	for (const answer of answers) {
		const group = groups.get(answer.prompt.id);
		if (group === undefined) groups.set(answer.prompt.id, [answer]);
		else group.push(answer);
	}
	return groups;
}

/**
 * @param method  id of the data method
 * @param answers those that were compared
 */
export function judgedPairs(
	method: string,
	judgements: readonly Judgement[],
	answers: readonly Output[],
): BuiltPairs {
	const collected = new PairCollector();
	const nextId = pairIds();
	for (const row of judgements) {
		const id = nextId(row.prompt.id);
		const reason = leftOutReason(row);
		const preferred = preference(row);
		if (reason !== null || preferred === null) collected.leaveOut(row.id, reason ?? 'tie');
		else collected.add(row.id, pairOf(id, method, row, preferred));
	}
	const judged = new Set(judgements.map(({ prompt }) => prompt.id));
	for (const [prompt, [only]] of byPrompt(answers))
		if (only !== undefined && !judged.has(prompt)) collected.leaveOut(only.id, 'one-answer');
	return collected.built;
}

function pairOf(
	id: string,
	method: string,
	{ prompt }: Judgement,
	{ chosen, rejected }: { chosen: ComparedAnswer; rejected: ComparedAnswer },
): PreferencePair {
	const from = {
		chosen: { kind: chosen.kind, id: chosen.id },
		rejected: { kind: rejected.kind, id: rejected.id },
	};
	return { id, prompt, chosen: chosen.text, rejected: rejected.text, method, from, edited: false };
}

/** Null if the judge preferred one of the answers. */
function leftOutReason({ state, verdict, tie }: Judgement): Reason | null {
	if (state === 'waiting' || state === 'asking') return 'not-asked';
	if (state === 'unread' || state === 'failed') return state;
	if (verdict !== 'tie') return null;
	return tie === 'equal' || tie === 'position' ? tie : 'tie';
}
