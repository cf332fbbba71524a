/** A reader of imported files in the test's own thread. Its model's tokens are words, so that lengths can be counted by hand. */
import type { TextTools } from '#runtime/tokenizer/tokenizer.ts';
import type { ModelText } from '#runtime/rows/modelText.ts';
import { LocalRowReader } from '#runtime/rows/rowReader.ts';

const wordTools: TextTools = {
	tokenizer: {
		encode: (text) =>
			text
				.split(/\s+/)
				.filter((word) => word !== '')
				.map((_, i) => i),
		decode: (ids) => ids.join(' '),
	},
	renderChat: (messages, opens) =>
		[
			...messages.map(({ role, content }) => `<${role}> ${content} <end>`),
			...(opens ? ['<assistant>'] : []),
		].join(' '),
	eosToken: '<end>',
	eosTokenId: 0,
	pieces: (ids) => ids.map(String),
};

/** The tokenizer of such a model. */
export const WORDS: ModelText = { tools: wordTools, positions: 512 };

/** @param positions of its model */
export function wordReader(positions = WORDS.positions): LocalRowReader {
	return new LocalRowReader(() => Promise.resolve({ tools: wordTools, positions }));
}
