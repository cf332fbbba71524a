/** One output sent to the reviser and its reply read: the impure arrow between Output and Revision. */
import { toWire } from '#core/errors.ts';
import type { ChatModel } from '#core/ports.ts';
import { type Recipe, REPLY_TOKENS } from '#core/recipe/recipe.ts';
import { withFailure, withReply } from '#core/revision/decide.ts';
import { isUnfinished, withUnfinishedReply } from '#core/revision/ending.ts';
import { revisionRequest } from '#core/revision/request.ts';
import { isEngineLoss } from '../engines/engineLoss.ts';
import type { Revision } from '#core/revision/revision.ts';

/**
 * Asks the reviser about one output.
 *
 * @param seed   of the draw; asking again uses another seed
 * @param onText the reply so far, while it streams
 * @returns the row in its new state; a failed request is a state with its error, not an exception
 * @throws Cancelled when the signal fires · the loss of the engine that holds a second model, because it is not about this row
 */
export async function askReviser(
	row: Revision,
	model: ChatModel,
	settings: Recipe['reviser'],
	seed: number,
	signal: AbortSignal,
	onText: (text: string) => void,
): Promise<Revision> {
	const asked: Revision = { ...row, attempts: row.attempts + 1, reviser: model.id };
	const { temperature, maxTokens = REPLY_TOKENS } = settings;
	const sampling = { temperature, topP: 1, maxTokens, seed };
	try {
		const messages = revisionRequest(row.output.prompt.text, row.output.text);
		const reply = await model.complete({ messages, sampling }, signal, onText);
		const answered = isUnfinished(reply) ? withUnfinishedReply(asked, reply) : withReply(asked, reply.text);
		return reply.notes === undefined ? answered : { ...answered, notes: reply.notes };
	} catch (error) {
		if (signal.aborted || isEngineLoss(error)) throw error;
		return withFailure(asked, toWire(error));
	}
}
