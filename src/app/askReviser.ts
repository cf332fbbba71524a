/** One output sent to the reviser and its reply read: the impure arrow between Output and Revision. */
import { toWire } from '#core/errors.ts';
import type { Output } from '#core/output/output.ts';
import type { ChatModel } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Revision } from '#core/revision/revision.ts';

/** A row nobody has asked about yet. */
export function waitingRevision(output: Output): Revision {
	return {
		id: output.prompt.id,
		output,
		state: 'waiting',
		revised: null,
		reasoning: null,
		rule: null,
		reason: null,
		measures: null,
		rawReply: null,
		reviser: '',
		attempts: 0,
		error: null,
	};
}

/**
 * Asks the reviser about one output.
 *
 * @param seed   of the draw; asking again draws anew with another
 * @param onText the reply so far, while it streams
 * @returns the row in its new state; a failed request is a state with its error, not an exception
 * @throws Cancelled when the signal fires
 */
export async function askReviser(
	row: Revision,
	model: ChatModel,
	_settings: Recipe['reviser'],
	_seed: number,
	signal: AbortSignal,
	_onText: (text: string) => void,
): Promise<Revision> {
	const asked = { ...row, attempts: row.attempts + 1, reviser: model.id };
	try {
		throw new Error('written next');
	} catch (error) {
		if (signal.aborted) throw error;
		return { ...asked, state: 'failed', error: toWire(error) };
	}
}
