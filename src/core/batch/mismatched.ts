/** KTO's mismatched examples, whose mean log-ratio estimates how far the model has drifted from its reference. */
import { at } from '../math/at.ts';
import { truncateCompletion, truncatePair, type TokenizedExample } from './tokenize.ts';

/**
 * Each prompt with the completions of the example before it; the first has those of the last.
 *
 * @param examples all examples of a step, so that its micro-batches do not change the estimate
 * @param maxLength completions are cut so that prompt and completion have at most this many tokens
 * @source trl 1.16 KTOTrainer: completions rotated by one inside each batch
 */
export function mismatched(examples: readonly TokenizedExample[], maxLength: number): TokenizedExample[] {
	return examples.map(({ id, promptIds }, i) => {
		const before = at(examples, (i + examples.length - 1) % examples.length);
		const mixed = { ...before, id, promptIds };
		const cut =
			'completionIds' in mixed ? truncateCompletion(mixed, maxLength) : truncatePair(mixed, maxLength);
		// Every prompt of a run leaves room for a completion.
		return cut ?? mixed;
	});
}
