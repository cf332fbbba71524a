/**
 * Batch, first half: converts examples to token ids by TRL's rules, so that a run here and a TRL run see the
 * same tokens.
 *
 * An example is a preference pair, or one completion with a label. Prompt and completion are tokenised
 * together, because tokens merge across the border; the prompt's ids are the common start of the prompt alone
 * and every whole text. Plain text gets the end-of-sequence token unless it ends with that token; chats rely
 * on their template. A completion that is too long keeps its start. An example is left out if its prompt alone
 * fills the length, if one of its texts is empty, or if the tokenizer or the template refuses it.
 */
import { at } from '../math/at.ts';
import type { Message } from '../output/output.ts';
import type { PreferencePair } from '../pair/pair.ts';
import type { Tokenizer } from '../ports.ts';
import {
	emptyText,
	isEmptyText,
	promptTooLong,
	rowFault,
	unreadableText,
	type RowFault,
} from './rowFaults.ts';

/** A pair as text: prompt and completions as plain text, or as chats for the template. */
export type PairText =
	| { form: 'text'; prompt: string; chosen: string; rejected: string }
	| {
			form: 'chat';
			prompt: readonly Message[];
			chosen: readonly Message[];
			rejected: readonly Message[];
			/** Sides that end without the template's end of a turn. */
			open?: { readonly chosen: boolean; readonly rejected: boolean };
	  };

/** One completion with a label, in the same two forms. */
export type CompletionText =
	| { form: 'text'; prompt: string; completion: string }
	| { form: 'chat'; prompt: readonly Message[]; completion: readonly Message[] };

/** A model's tokenizer, chat template and end-of-sequence text. */
export interface TextTools {
	tokenizer: Tokenizer;
	/** Messages through the model's chat template; the second argument opens the assistant's turn. */
	renderChat: (messages: readonly Message[], addGenerationPrompt: boolean) => string;
	/** The text of the end-of-sequence token: `<|im_end|>`. */
	eosToken: string;
}

interface TokenizedPrompt {
	id: string;
	promptIds: readonly number[];
	/** True if a completion was cut at the largest length. */
	truncated: boolean;
	/** Factor of the example in the loss; 1 if absent. */
	weight?: number;
}

export interface TokenizedPair extends TokenizedPrompt {
	chosenIds: readonly number[];
	rejectedIds: readonly number[];
}

/** An unpaired example: a desired or undesired completion, the data of TRL's KTOTrainer. */
export interface TokenizedCompletion extends TokenizedPrompt {
	completionIds: readonly number[];
	/** True for a desired completion. */
	label: boolean;
}

export type TokenizedExample = TokenizedPair | TokenizedCompletion;

/** A completion of an example. */
export interface Side {
	ids: readonly number[];
	chosen: boolean;
}

/** The completions of an example: the chosen and the rejected one of a pair, or the only one. */
export function sidesOf(example: TokenizedExample): readonly Side[] {
	if ('completionIds' in example) return [{ ids: example.completionIds, chosen: example.label }];
	return [
		{ ids: example.chosenIds, chosen: true },
		{ ids: example.rejectedIds, chosen: false },
	];
}

/** Tokens as TRL counts them (`num_tokens`): every completion with its prompt. */
export function tokensOf(example: TokenizedExample): number {
	return sidesOf(example).reduce((sum, { ids }) => sum + example.promptIds.length + ids.length, 0);
}

/** A pair as a chat of one turn. */
export function pairAsChat(pair: PreferencePair): PairText {
	return {
		form: 'chat',
		prompt: [{ role: 'user', content: pair.prompt.text }],
		chosen: [{ role: 'assistant', content: pair.chosen }],
		rejected: [{ role: 'assistant', content: pair.rejected }],
		...(pair.open === undefined ? {} : { open: pair.open }),
	};
}

function commonPrefixLength(a: readonly number[], b: readonly number[]): number {
	const limit = Math.min(a.length, b.length);
	let i = 0;
	while (i < limit && at(a, i) === at(b, i)) i++;
	return i;
}

/** The prompt alone, then each whole text. */
function encodeText(prompt: string, completions: readonly string[], tools: TextTools): readonly number[][] {
	const withEos = (text: string): string => (text.endsWith(tools.eosToken) ? text : text + tools.eosToken);
	const whole = [prompt, ...completions.map((completion) => prompt + withEos(completion))];
	return whole.map((part) => tools.tokenizer.encode(part, { addSpecialTokens: true }));
}

function encodeChat(
	prompt: readonly Message[],
	completions: readonly (readonly Message[])[],
	tools: TextTools,
	open: readonly boolean[] = [],
): readonly number[][] {
	const whole = [
		tools.renderChat(prompt, true),
		...completions.map((completion, i) => {
			const text = tools.renderChat([...prompt, ...completion], false);
			return open[i] === true ? withoutEnd(text, completion) : text;
		}),
	];
	return whole.map((part) => tools.tokenizer.encode(part));
}

/** A rendered chat up to the last words of its last message; templates may trim these. */
function withoutEnd(rendered: string, completion: readonly Message[]): string {
	const words = completion.at(-1)?.content.trimEnd() ?? '';
	const start = rendered.lastIndexOf(words);
	return start < 0 ? rendered : rendered.slice(0, start + words.length);
}

/** Cuts the whole texts after the start that they share with the prompt. */
function cutPrompt([prompt = [], ...whole]: readonly number[][]): {
	promptIds: readonly number[];
	completions: readonly (readonly number[])[];
} {
	const length = Math.min(prompt.length, ...whole.map((ids) => commonPrefixLength(prompt, ids)));
	return {
		promptIds: prompt.slice(0, length),
		completions: whole.map((ids) => ids.slice(length)),
	};
}

/**
 * One pair as ids, uncut.
 *
 * @source trl 1.16 DPOTrainer._prepare_dataset · golden: tokenizer/trl_prepare*.json, identical ids
 */
export function tokenizePair(id: string, text: PairText, tools: TextTools): TokenizedPair {
	const { completions, ...prompt } = cutPrompt(
		text.form === 'text'
			? encodeText(text.prompt, [text.chosen, text.rejected], tools)
			: encodeChat(text.prompt, [text.chosen, text.rejected], tools, [
					text.open?.chosen === true,
					text.open?.rejected === true,
				]),
	);
	const [chosenIds = [], rejectedIds = []] = completions;
	return { id, ...prompt, chosenIds, rejectedIds, truncated: false };
}

/** One completion with its label as ids, uncut: the same rules. */
export function tokenizeCompletion(
	id: string,
	text: CompletionText,
	label: boolean,
	tools: TextTools,
): TokenizedCompletion {
	const { completions, ...prompt } = cutPrompt(
		text.form === 'text'
			? encodeText(text.prompt, [text.completion], tools)
			: encodeChat(text.prompt, [text.completion], tools),
	);
	return { id, ...prompt, completionIds: completions[0] ?? [], label, truncated: false };
}

/**
 * The pair with both sides cut to `maxLength` tokens, prompt included; null if the prompt alone fills them
 * (TRL's `keep_start`).
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

/** {@link truncatePair} for an unpaired example. */
export function truncateCompletion(
	example: TokenizedCompletion,
	maxLength: number,
): TokenizedCompletion | null {
	const room = maxLength - example.promptIds.length;
	if (room <= 0) return null;
	if (example.completionIds.length <= room) return example;
	return { ...example, completionIds: example.completionIds.slice(0, room), truncated: true };
}

export interface TokenizedSet {
	pairs: readonly TokenizedPair[];
	/** Pairs that cannot be trained on, each with its reason. */
	leftOut: readonly RowFault[];
	/** Number of pairs that were cut. */
	truncated: number;
}

/** All pairs of a run as ids, cut to `maxLength`. A pair that cannot be trained on is left out and named. */
export function tokenizePairs(
	pairs: readonly PreferencePair[],
	tools: TextTools,
	maxLength: number,
): TokenizedSet {
	const kept: TokenizedPair[] = [];
	const leftOut: RowFault[] = [];
	for (const pair of pairs) {
		try {
			kept.push(tokenizeUsable(pair, tools, maxLength));
		} catch (thrown) {
			leftOut.push(rowFault(pair.id, unreadableText(thrown)));
		}
	}
	return { pairs: kept, leftOut, truncated: kept.filter(({ truncated }) => truncated).length };
}

/**
 * A pair as ids, cut to `maxLength`.
 *
 * @throws FormatError with the code of a row fault, and the errors of tokenizer and template, if it cannot be used
 */
export function tokenizeUsable(pair: PreferencePair, tools: TextTools, maxLength: number): TokenizedPair {
	const texts = { prompt: pair.prompt.text, chosen: pair.chosen, rejected: pair.rejected } as const;
	for (const what of ['prompt', 'chosen', 'rejected'] as const) {
		if (isEmptyText(texts[what], tools)) throw emptyText(what);
	}
	const whole = tokenizePair(pair.id, pairAsChat(pair), tools);
	const cut = truncatePair(whole, maxLength);
	if (cut !== null) return cut;
	throw promptTooLong(whole.promptIds.length, maxLength - 1, PROMPT_TOO_LONG);
}

const PROMPT_TOO_LONG =
	'Shorten the prompt, or raise “longest pair” (training.maxLength) up to the length that the model reads.';
