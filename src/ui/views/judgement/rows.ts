/** Judgements in words: rows of the list, verdicts, and reasons of ties and of replies without a verdict. */
import type { Asked, Judgement, JudgementState, TieReason } from '#core/judgement/judgement.ts';
import { UNREAD } from '#core/judgement/unread.ts';
import type { IconName } from '../../primitives/icons.ts';
import type { ListRow } from '../../primitives/rows.ts';

const MARKS: Readonly<Record<JudgementState, readonly [IconName, string]>> = {
	waiting: ['ring', 'not asked'],
	asking: ['ring', 'being asked'],
	judged: ['dot', 'judged'],
	unread: ['slash', 'no verdict'],
	failed: ['alert', 'failed'],
};

export const TIES: Readonly<Record<TieReason, string>> = {
	equal: 'Both answers are the same, so the judge was not asked.',
	position: 'The judge picked the same position twice, so its two verdicts contradict each other: a tie.',
	'both-tie': 'The judge calls it a tie in both orders.',
	'one-tie': 'The judge picked one answer in one order and called it a tie in the other: a tie.',
};

function value({ state, verdict, tie }: Judgement): string {
	if (state !== 'judged') return MARKS[state][1];
	if (verdict === 'tie') return tie === 'equal' ? 'equal' : 'tie';
	return verdict ?? '';
}

export function judgementRow(row: Judgement, number: number): ListRow {
	const [icon, state] = row.verdict === 'tie' ? (['slash', 'tie'] as const) : MARKS[row.state];
	return {
		id: row.id,
		number,
		icon,
		state,
		text: row.prompt.text,
		value: value(row),
		quiet: row.verdict === 'tie' || row.state === 'waiting' || row.state === 'unread',
		alert: row.state === 'failed',
		busy: row.state === 'asking',
	};
}

/** The outcome of a row in one sentence. */
export function outcome({ state, verdict, tie }: Judgement): string {
	if (state === 'waiting') return 'Not judged yet.';
	if (state === 'asking') return 'The judge compares them now.';
	if (state === 'failed') return 'A request failed, so there is no verdict.';
	if (state === 'unread') return 'One of the two replies has no readable verdict, so there is no pair.';
	if (verdict === 'tie') return tie === null ? 'A tie.' : TIES[tie];
	return `The judge prefers the ${verdict} answer in both orders.`;
}

/** One reply in a few words: "prefers the second answer, which it saw first". */
export function askedWords({ swapped, verdict, unread, rule }: Asked): string {
	const order = swapped ? 'second answer in front' : 'first answer in front';
	if (unread !== null) return `${order}: ${UNREAD[unread]}`;
	const pick = verdict === 'tie' ? 'a tie' : `the ${verdict ?? ''} answer`;
	return `${order}: ${pick}, read ${rule === null ? '' : RULES[rule]}`;
}

const RULES = {
	brackets: 'from the requested mark',
	json: 'from JSON',
	alone: 'from its last line',
	label: 'after a label',
	sentence: 'from a sentence',
} as const;
