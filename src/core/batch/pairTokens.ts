/** A pair as tokens, for the Batch view: as the trainer cuts it, with the text of each token. */
import type { PreferencePair } from '../pair/pair.ts';
import type { Tokenized } from './storedTokens.ts';
import { pairAsChat, tokenizePair, truncatePair, type TextTools } from './tokenize.ts';

export interface TokenizedSides {
	chosen: Tokenized;
	rejected: Tokenized;
}

/** @param maxLength longest prompt + completion in tokens */
export function pairTokens(
	pair: PreferencePair,
	maxLength: number,
	tools: TextTools & { pieces: (ids: readonly number[]) => string[] },
): TokenizedSides {
	const whole = tokenizePair(pair.id, pairAsChat(pair), tools);
	// If the prompt alone fills the length, show its start and no completion.
	const cut = truncatePair(whole, maxLength) ?? {
		...whole,
		promptIds: whole.promptIds.slice(0, maxLength),
		chosenIds: [],
		rejectedIds: [],
	};
	const side = (ids: readonly number[], full: readonly number[]): Tokenized => {
		const all = [...cut.promptIds, ...ids];
		return {
			ids: all,
			pieces: tools.pieces(all),
			completionStart: cut.promptIds.length,
			truncated: ids.length < full.length || cut.promptIds.length < whole.promptIds.length,
		};
	};
	return {
		chosen: side(cut.chosenIds, whole.chosenIds),
		rejected: side(cut.rejectedIds, whole.rejectedIds),
	};
}
