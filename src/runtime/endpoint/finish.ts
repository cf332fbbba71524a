/** How a reply ended, from the words that servers use for it. */
import type { FinishReason } from '#core/output/output.ts';

export interface Ending {
	finishReason: FinishReason;
	/** The server's own word, if the reply did not end by itself. */
	ending?: string;
}

/** `stop` in OpenAI's form; the rest by Anthropic, Google, TGI, Cohere and servers that pass a model's own word on. */
const STOPPED =
	/^(?:stop|stopped|stop_?sequence|stop_?token|stop_?str|stop_?word|eos|eos_?token|eot|end|end_?turn|end_?of_?(?:turn|text|sequence)|done|complete|completed|finish|finished|normal|success)$/;
const LENGTH = /length|max_?(?:\w+_)?tokens|token_?limit|context|incomplete|truncat/;
const FILTERED =
	/filter|safety|sensitive|moderat|block|prohibit|recitation|refus|policy|guardrail|spii|harm|censor/;

/** @param word the server's `finish_reason`; null if it gave none */
export function readEnding(word: string | null): Ending {
	if (word === null) return { finishReason: 'stop' };
	const name = word
		.replace(/([a-z])([A-Z])/g, '$1_$2')
		.toLowerCase()
		.replace(/[\s-]+/g, '_');
	if (STOPPED.test(name)) return { finishReason: 'stop' };
	const ending = word.replace(/\s+/g, ' ').slice(0, 80);
	if (FILTERED.test(name)) return { finishReason: 'filtered', ending };
	if (LENGTH.test(name)) return { finishReason: 'length', ending };
	return { finishReason: 'other', ending };
}
