/** How a reply ended, from the words that servers use for it. */
import type { FinishReason } from '#core/output/output.ts';

export interface Ending {
	finishReason: FinishReason;
	/** The server's own word, if the reply did not end by itself. */
	ending?: string;
}

/**
 * Words of which one says that a reply ended by itself: `stop` in OpenAI's form; the rest by Anthropic, Google, TGI,
 * Cohere and servers that pass a model's own token on, such as `<|im_end|>` and `</s>`. 0 is vLLM's number of `stop`.
 */
const STOPPED = new Set([
	...['stop', 'stopped', 'stopsequence', 'stoptoken', 'stopstr', 'stopword', 'eos', 'eostoken', 'eot', 'eom'],
	...['end', 'endturn', 'endofturn', 'endoftext', 'endofsequence', 'done', 'complete', 'completed', 'finish'],
	...['finished', 'normal', 'success', 's', '0'],
]);
/** Words that may be beside them: `stop_sequence`, `end_of_turn`, `FINISH_REASON_STOP`. */
const BESIDE_STOPPED = new Set([
	...['reason', 'sequence', 'token', 'str', 'string', 'word', 'id', 'im', 'of', 'turn', 'text', 'sentence'],
	...['message', 'reached', 'hit'],
]);
/** Null, as servers write it in text: the reply has not ended, or its server names no reason. */
const NO_WORD = /^\W*(?:null|none|nil|undefined)\W*$/i;
const LENGTH = /length|max_?(?:\w+_)?tokens|token_?limit|context|incomplete|truncat/;
const FILTERED =
	/filter|safety|sensitive|moderat|block|prohibit|recitation|refus|policy|guardrail|spii|harm|censor/;

/** @param word the server's `finish_reason`; null if it gave none */
export function readEnding(word: string | null): Ending {
	if (word === null) return { finishReason: 'stop' };
	if (isNoWord(word)) return { finishReason: 'stop' };
	const parts = word
		.replace(/([a-z])([A-Z])/g, '$1_$2')
		.toLowerCase()
		.split(/[^a-z0-9]+/)
		.filter((part) => part !== '');
	if (isStop(parts)) return { finishReason: 'stop' };
	const name = parts.join('_');
	const ending = word.replace(/\s+/g, ' ').slice(0, 80);
	if (FILTERED.test(name)) return { finishReason: 'filtered', ending };
	if (LENGTH.test(name)) return { finishReason: 'length', ending };
	return { finishReason: 'other', ending };
}

/** True for a text that means null. */
export function isNoWord(word: string): boolean {
	return NO_WORD.test(word);
}

function isStop(parts: readonly string[]): boolean {
	return (
		parts.some((part) => STOPPED.has(part)) &&
		parts.every((part) => STOPPED.has(part) || BESIDE_STOPPED.has(part))
	);
}
