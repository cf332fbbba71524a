/** Held-out answers of base and tuned model as a judge compares them, and its judgements as verdicts. Pure. */
import type { Comparison } from '../judgement/decide.ts';
import type { Judgement } from '../judgement/judgement.ts';
import type { AnswerPair } from './compare.ts';
import { isSameText, type Verdict, type Winner } from './headToHead.ts';

/** The first answer is the base model's, the second one the tuned model's. Answers of the same text are left out: they tie. */
export function heldOutComparisons(pairs: readonly AnswerPair[]): readonly Comparison[] {
	return pairs
		.filter((pair) => !isSameText(pair))
		.map(({ prompt, before, after }) => ({
			prompt,
			first: { kind: 'output', id: `${prompt.id}.base`, text: before.text, model: 'base' },
			second: { kind: 'output', id: `${prompt.id}.tuned`, text: after.text, model: 'tuned' },
		}));
}

const WINNERS = { first: 'base', second: 'tuned', tie: 'tie' } as const satisfies Record<string, Winner>;

/** The verdicts on comparisons of {@link heldOutComparisons}; rows without one give none. */
export function verdictsOf(rows: readonly Judgement[]): readonly Verdict[] {
	return rows.flatMap(({ prompt, verdict }) =>
		verdict === null ? [] : [{ promptId: prompt.id, winner: WINNERS[verdict] }],
	);
}
