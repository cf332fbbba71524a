/** One comparison sent to a judge, twice with the positions swapped, and its replies read. Usable outside of a run's data phase. */
import { toWire } from '#core/errors.ts';
import { judgementRequests, readAsked, withJudgeFailure, withReplies } from '#core/judgement/decide.ts';
import type { Asked, Judgement } from '#core/judgement/judgement.ts';
import type { ChatModel } from '#core/ports.ts';
import type { AskedModel } from '#core/recipe/askedModel.ts';
import { isEngineLoss } from './engineLoss.ts';

/** Requests of one row. */
export const REQUESTS_PER_JUDGEMENT = 2;

/** Rows that the limit of requests still allows to ask after those of `rows`; infinite without a limit. */
export function affordableRows(
	{ budget }: Pick<AskedModel, 'budget'>,
	rows: readonly Pick<Judgement, 'attempts'>[],
): number {
	if (budget === 0) return Infinity;
	const spent = rows.reduce((sum, { attempts }) => sum + attempts * REQUESTS_PER_JUDGEMENT, 0);
	return Math.max(0, Math.floor((budget - spent) / REQUESTS_PER_JUDGEMENT));
}

/**
 * Asks the judge about one row of `waitingJudgement`; a row whose answers are equal is returned as it is.
 *
 * @param model  the judge, for example of `ReviserConnection.model`
 * @param onText the reply so far, while it streams
 * @returns the row in its new state; a failed request is a state with its error, not an exception. A reply that came before
 * the failure is kept, and only the other one is asked for again
 * @throws Cancelled when the signal fires · the loss of the engine that holds a second model
 */
export async function judgePair(
	row: Judgement,
	model: ChatModel,
	{ temperature, maxTokens, seed }: Pick<AskedModel, 'temperature' | 'maxTokens' | 'seed'>,
	signal: AbortSignal,
	onText?: (text: string) => void,
): Promise<Judgement> {
	if (row.tie === 'equal') return row;
	const retried = row.state === 'failed' ? row.asked : [];
	const judged: Judgement = { ...row, judge: model.id, attempts: row.attempts + 1, asked: [...retried] };
	const sampling = { temperature, topP: 1, maxTokens, seed: seedOf(row, seed) };
	const asked: Asked[] = [...retried];
	let notes: readonly string[] | undefined = row.notes;
	try {
		for (const [i, messages] of judgementRequests(row).entries()) {
			if (i < retried.length) continue;
			const reply = await model.complete({ messages, sampling }, signal, onText);
			asked.push(readAsked(reply, i === 1));
			notes = reply.notes ?? notes;
		}
	} catch (error) {
		if (signal.aborted || isEngineLoss(error)) throw error;
		return { ...withJudgeFailure(judged, toWire(error)), asked };
	}
	const [one, other] = asked;
	if (one === undefined || other === undefined) return judged;
	const answered = withReplies(judged, [one, other]);
	return notes === undefined ? answered : { ...answered, notes };
}

/** Asked again about an unreadable reply, the judge draws with another seed. */
function seedOf({ state, attempts }: Judgement, seed: number): number {
	return (seed + (state === 'unread' ? attempts * 1_000_003 : 0)) % 2 ** 31;
}
