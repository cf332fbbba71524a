/**
 * Engine turns: pieces of work that run one at a time. The answering engine is used in turns because one adapter is in it at a time: each
 * turn sets the adapter that it needs, then asks.
 */
import type { Message, Sampling } from '#core/output/output.ts';
import type { ChatModel, PromptReply, TargetModel } from '#core/ports.ts';
import { isBatchModel, type BatchModel } from './computeTarget.ts';

export class EngineTurns {
	#last: Promise<unknown> = Promise.resolve();
	#count = 0;

	/**
	 * Runs work after all earlier work. The next turn also comes if the earlier work fails.
	 *
	 * @param work gets the number of its turn, counted from 1
	 */
	take<T>(work: (turn: number) => Promise<T>): Promise<T> {
		const start = (): Promise<T> => work(++this.#count);
		const mine = this.#last.then(start, start);
		this.#last = mine;
		return mine;
	}
}

/**
 * The model without an adapter. Each answer (or batch of answers) is a turn of its own, so that other runs, chats and comparisons can answer
 * in between, also while the run that samples is paused.
 */
export function baseInTurns(model: TargetModel, turns: EngineTurns): ChatModel | BatchModel {
	let mine = -1;
	const inTurn = <T>(work: () => Promise<T>): Promise<T> =>
		turns.take(async (turn) => {
			// If nothing else had a turn since, the adapter is still off: writing zeros takes milliseconds per answer.
			if (turn !== mine + 1) await model.setAdapter(null, 0);
			mine = turn;
			return work();
		});
	const base: ChatModel = {
		get id() {
			return model.id;
		},
		complete: (request, signal, onText) => inTurn(() => model.complete(request, signal, onText)),
	};
	if (!isBatchModel(model)) return base;
	return {
		get id() {
			return model.id;
		},
		complete: base.complete.bind(base),
		completeMany: (
			prompts: readonly (readonly Message[])[],
			sampling: Sampling,
			onReply: (index: number, reply: PromptReply) => void,
			signal: AbortSignal,
		) => inTurn(() => model.completeMany(prompts, sampling, onReply, signal)),
	};
}
