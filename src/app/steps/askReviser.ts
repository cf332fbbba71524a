/** One output sent to the reviser and its reply read: the impure arrow between Output and Revision. */
import { toWire } from '#core/errors.ts';
import type { ChatModel } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { withFailure, withReply } from '#core/revision/decide.ts';
import { revisionRequest } from '#core/revision/request.ts';
import type { Revision } from '#core/revision/revision.ts';

/** Room for the reasoning and the revised answer. */
const REPLY_TOKENS = 1024;

/**
 * Asks the reviser about one output.
 *
 * @param seed   of the draw; asking again uses another seed
 * @param onText the reply so far, while it streams
 * @returns the row in its new state; a failed request is a state with its error, not an exception
 * @throws Cancelled when the signal fires
 */
export async function askReviser(
	row: Revision,
	model: ChatModel,
	settings: Recipe['reviser'],
	seed: number,
	signal: AbortSignal,
	onText: (text: string) => void,
): Promise<Revision> {
	const asked = { ...row, attempts: row.attempts + 1, reviser: model.id };
	const sampling = { temperature: settings.temperature, topP: 1, maxTokens: REPLY_TOKENS, seed };
	try {
		const messages = revisionRequest(row.output.prompt.text, row.output.text);
		const reply = await model.complete({ messages, sampling }, signal, onText);
		return withReply(asked, reply.text);
	} catch (error) {
		if (signal.aborted) throw error;
		return withFailure(asked, toWire(error));
	}
}
