/**
 * Batch, first half: a preference pair as token ids, by TRL's rules, so that a run here and a run there see the same tokens.
 *
 * Prompt and completion are tokenised together, because tokens merge across the border; the prompt is what the prompt alone
 * and both whole sides have in common at the start. Plain text gets the end-of-sequence token unless it ends with it; chats
 * rely on their template. Too long sides keep their start; a pair whose prompt alone fills the length is dropped.
 */
import { at } from '../math/at.ts';
import type { Message } from '../output/output.ts';
import type { PreferencePair } from '../pair/pair.ts';
import type { Tokenizer } from '../ports.ts';

/** A pair as it is written: plain texts that continue one another, or chats that go through the template. */
export type PairText =
	| { form: 'text'; prompt: string; chosen: string; rejected: string }
	| {
			form: 'chat';
			prompt: readonly Message[];
			chosen: readonly Message[];
			rejected: readonly Message[];
	  };

/** What the rules need of a model: its tokenizer, chat template and end-of-sequence text. */
export interface TextTools {
	tokenizer: Tokenizer;
	/** Messages through the model's chat template; the second argument opens the assistant's turn. */
	renderChat: (messages: readonly Message[], addGenerationPrompt: boolean) => string;
	/** The text of the end-of-sequence token: `<|im_end|>`. */
	eosToken: string;
}

export interface TokenizedPair {
	id: string;
	promptIds: readonly number[];
	chosenIds: readonly number[];
	rejectedIds: readonly number[];
	/** Prompt tokens that are left out, because they merge with the start of a completion. */
	mergedPromptTokens: number;
	/** True where a side was cut at the largest length. */
	truncated: boolean;
}

/** A pair of the workbench as a chat of one turn. */
export function pairAsChat(pair: PreferencePair): PairText {
	return {
		form: 'chat',
		prompt: [{ role: 'user', content: pair.prompt.text }],
		chosen: [{ role: 'assistant', content: pair.chosen }],
		rejected: [{ role: 'assistant', content: pair.rejected }],
	};
}

function commonPrefixLength(a: readonly number[], b: readonly number[]): number {
	const limit = Math.min(a.length, b.length);
	let i = 0;
	while (i < limit && at(a, i) === at(b, i)) i++;
	return i;
}

function encodeText(text: Extract<PairText, { form: 'text' }>, tools: TextTools): readonly number[][] {
	const withEos = (side: string): string => (side.endsWith(tools.eosToken) ? side : side + tools.eosToken);
	const whole = [text.prompt, text.prompt + withEos(text.chosen), text.prompt + withEos(text.rejected)];
	return whole.map((part) => tools.tokenizer.encode(part, { addSpecialTokens: true }));
}

function encodeChat(text: Extract<PairText, { form: 'chat' }>, tools: TextTools): readonly number[][] {
	const whole = [
		tools.renderChat(text.prompt, true),
		tools.renderChat([...text.prompt, ...text.chosen], false),
		tools.renderChat([...text.prompt, ...text.rejected], false),
	];
	return whole.map((part) => tools.tokenizer.encode(part));
}

/**
 * One pair as ids, uncut.
 *
 * @source trl 1.16 DPOTrainer._prepare_dataset · golden: tokenizer/trl_prepare*.json, identical ids
 */
export function tokenizePair(id: string, text: PairText, tools: TextTools): TokenizedPair {
	const [prompt = [], chosen = [], rejected = []] =
		text.form === 'text' ? encodeText(text, tools) : encodeChat(text, tools);
	const length = Math.min(commonPrefixLength(prompt, chosen), commonPrefixLength(prompt, rejected));
	return {
		id,
		promptIds: prompt.slice(0, length),
		chosenIds: chosen.slice(length),
		rejectedIds: rejected.slice(length),
		mergedPromptTokens: prompt.length - length,
		truncated: false,
	};
}

/**
 * The pair with both sides cut to `maxLength` tokens, prompt included; null where the prompt alone fills it and nothing would
 * be left to learn from (TRL's `keep_start`).
 */
export function truncatePair(pair: TokenizedPair, maxLength: number): TokenizedPair | null {
	const room = maxLength - pair.promptIds.length;
	if (room <= 0) return null;
	if (pair.chosenIds.length <= room && pair.rejectedIds.length <= room) return pair;
	return {
		...pair,
		chosenIds: pair.chosenIds.slice(0, room),
		rejectedIds: pair.rejectedIds.slice(0, room),
		truncated: true,
	};
}

export interface TokenizedSet {
	pairs: readonly TokenizedPair[];
	/** Ids of pairs whose prompt alone reaches the largest length. */
	dropped: readonly string[];
	/** How many pairs were cut. */
	truncated: number;
}

/** All pairs of a run as ids, cut to `maxLength`. */
export function tokenizePairs(
	pairs: readonly PreferencePair[],
	tools: TextTools,
	maxLength: number,
): TokenizedSet {
	const kept: TokenizedPair[] = [];
	const dropped: string[] = [];
	for (const pair of pairs) {
		const cut = truncatePair(tokenizePair(pair.id, pairAsChat(pair), tools), maxLength);
		if (cut === null) dropped.push(pair.id);
		else kept.push(cut);
	}
	return { pairs: kept, dropped, truncated: kept.filter(({ truncated }) => truncated).length };
}
