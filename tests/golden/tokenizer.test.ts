/** Tokenisation against TRL: the vendor's byte-level BPE in three styles, and the core's rules for pairs. */
import { Template } from '@huggingface/jinja';
import { Tokenizer as VendorTokenizer } from '@huggingface/tokenizers';
import { describe, expect } from 'vitest';
import { type PairText, type TextTools, tokenizePair } from '#core/batch/tokenize.ts';
import type { Message } from '#core/output/output.ts';
import { readPairRow } from '#core/pair/trl.ts';
import type { Tokenizer } from '#core/ports.ts';
import { isFault } from '#core/prompt/fault.ts';
import { goldenJson, goldenOutline, goldenTest } from '#tests/support/goldens.ts';

interface Cases {
	cases: { text: string; ids: number[]; decoded: string; decoded_skip_special: string }[];
}

interface Prepared {
	eos_token: string;
	chat_template: string;
	cases: {
		kind: 'standard' | 'conversational' | 'implicit_prompt';
		input: Record<string, unknown>;
		prompt_ids: number[];
		chosen_ids: number[];
		rejected_ids: number[];
		prompt_after_extraction: string | Message[];
	}[];
}

function tokenizerOf(path: string): Tokenizer {
	const vendor = new VendorTokenizer(goldenJson<object>(path), { clean_up_tokenization_spaces: false });
	return {
		encode: (text, options) =>
			vendor.encode(text, { add_special_tokens: options?.addSpecialTokens ?? false }).ids,
		decode: (ids, options) =>
			vendor.decode([...ids], { skip_special_tokens: options?.skipSpecialTokens ?? false }),
	};
}

/** TRL cuts an implicit prompt between letters; imports here do not, so the golden's own prompt is taken. */
function textOf({ kind, input, prompt_after_extraction: prompt }: Prepared['cases'][number]): PairText {
	if (kind === 'implicit_prompt' && typeof prompt === 'string') {
		const rest = (side: unknown): string => String(side).slice(prompt.length);
		return { form: 'text', prompt, chosen: rest(input['chosen']), rejected: rest(input['rejected']) };
	}
	const read = readPairRow(input);
	if (isFault(read)) throw new Error(read.reason);
	return read.sides;
}

const STYLES = ['', '-smollm', '-qwen'];

describe.each(STYLES)('tokenizer%s', (style) => {
	const tokenizerFile = `tokenizer/tokenizer${style}.json`;
	const casesFile = `tokenizer/cases${style}.json`;
	const preparedFile = `tokenizer/trl_prepare${style}.json`;

	goldenTest('has the ids and texts of every case', [tokenizerFile, casesFile], () => {
		const tokenizer = tokenizerOf(tokenizerFile);
		const { cases } = goldenJson<Cases>(casesFile);
		expect(cases.length).toBeGreaterThan(0);
		for (const { text, ids, decoded, decoded_skip_special } of cases) {
			expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
			if (ids.length === 0) continue;
			expect(tokenizer.decode(ids), JSON.stringify(text)).toBe(decoded);
			expect(tokenizer.decode(ids, { skipSpecialTokens: true }), JSON.stringify(text)).toBe(
				decoded_skip_special,
			);
		}
	});

	const files = [tokenizerFile, preparedFile];
	const prepared = goldenOutline<Prepared>(preparedFile);
	for (const [i, row] of prepared.cases.entries()) {
		goldenTest(`cuts pair ${i} (${row.kind}) as TRL does`, files, () => {
			const template = new Template(prepared.chat_template);
			const tools: TextTools = {
				tokenizer: tokenizerOf(tokenizerFile),
				eosToken: prepared.eos_token,
				renderChat: (messages, addGenerationPrompt) =>
					template.render({ messages: [...messages], add_generation_prompt: addGenerationPrompt }),
			};
			const text = textOf(row);
			expect(text.prompt).toEqual(row.prompt_after_extraction);
			const pair = tokenizePair('p', text, tools);
			expect(pair.promptIds).toEqual(row.prompt_ids);
			expect(pair.chosenIds).toEqual(row.chosen_ids);
			expect(pair.rejectedIds).toEqual(row.rejected_ids);
		});
	}
});
