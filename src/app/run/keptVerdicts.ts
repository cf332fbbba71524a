/** Verdicts of a judge among a run's results: found for the same answers, and written as a result. Pure. */
import type { HeadToHead } from '#core/evaluation/headToHead.ts';
import { verdictsOf } from '#core/evaluation/judgedAnswers.ts';
import { type Comparison, waitingJudgement } from '#core/judgement/decide.ts';
import type { Judgement } from '#core/judgement/judgement.ts';
import { withoutVerdict } from '#core/judgement/unread.ts';
import { type AskedModel, replyKey } from '#core/recipe/askedModel.ts';

/** The state of the model whose answers are compared. */
type Shown = Pick<HeadToHead, 'mode' | 'step'>;

/** Each comparison as it was judged, if this judge was asked about the same two answers; else waiting. */
export function withKeptVerdicts(
	comparisons: readonly Comparison[],
	results: readonly HeadToHead[],
	judge: AskedModel,
): readonly Judgement[] {
	const key = replyKey(judge);
	const kept = results.filter((one) => keyOf(one) === key).flatMap(({ judgements = [] }) => judgements);
	const known = new Map(kept.map((row) => [textsOf(row), row]));
	return comparisons.map((comparison) => {
		const waiting = waitingJudgement(comparison);
		return { ...waiting, ...known.get(textsOf(comparison)), ...comparison, id: waiting.id };
	});
}

/** The judge's earlier result on the same state of the model, if there is one. */
export function earlierResult(
	results: readonly HeadToHead[],
	judge: AskedModel,
	{ mode, step }: Shown,
): HeadToHead | undefined {
	const key = replyKey(judge);
	return results.find((one) => keyOf(one) === key && one.mode === mode && one.step === step);
}

/** The settled rows as a result of a run; null if no row is settled. */
export function judgedResult(
	rows: readonly Judgement[],
	{ endpoint, model, temperature, maxTokens, seed }: AskedModel,
	shown: Shown,
): HeadToHead | null {
	const settled = rows.filter(({ state }) => state !== 'waiting' && state !== 'asking');
	if (settled.length === 0) return null;
	const leftOut = withoutVerdict(settled);
	return {
		...{ judge: model, asked: { endpoint, model, temperature, maxTokens, seed }, ...shown },
		verdicts: verdictsOf(settled),
		...(leftOut.length === 0 ? {} : { leftOut }),
		judgements: settled,
	};
}

function keyOf({ asked }: HeadToHead): string | null {
	return asked === undefined ? null : replyKey(asked);
}

/** Equal for comparisons of the same two answers to the same prompt. */
function textsOf({ prompt, first, second }: Comparison): string {
	return JSON.stringify([prompt.text, first.text, second.text]);
}
