/** Rows of any text: every row is used or named, and no row stops the others. */
import * as fc from 'fast-check';
import * as v from 'valibot';
import { promptBatches } from '#compute/promptBatches.ts';
import { isRowFault, rowFaultSchema } from '#core/batch/rowFaults.ts';
import { tokenizePairs, type TextTools } from '#core/batch/tokenize.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { anchorTokenizer } from '#tests/support/anchorTokenizer.ts';
import { target, type FuzzTarget } from './target.ts';

const anchor = anchorTokenizer();
/** Refuses some rows, in a class of error of its own. */
const moody: TextTools = {
	...anchor,
	renderChat: (messages, open) => {
		if (messages.some(({ content }) => content.includes('!'))) throw new TypeError('no marks, please');
		return anchor.renderChat(messages, open);
	},
};
const LIMIT = 40;
const text = fc.oneof(
	fc.string({ unit: 'binary', maxLength: 80 }),
	fc.string({ unit: 'grapheme', maxLength: 200 }),
	fc.constantFrom('', ' ', '\n', '\u200B', '\uD800', '<|im_end|>', 'a '.repeat(500)),
);

function expectFaults(faults: readonly unknown[]): void {
	for (const fault of faults) {
		const { error } = v.parse(rowFaultSchema, fault);
		if (!isRowFault(error) || error.hint === '') throw new Error(`No fault of a row: ${error.code}`);
	}
}

export const targets: FuzzTarget[] = [
	target('promptBatches', fc.array(text, { maxLength: 40 }), (texts) => {
		const prompts = texts.map((content) => [{ role: 'user' as const, content }]);
		const sampling = { temperature: 0, topP: 1, maxTokens: 4, seed: 7 };
		const { batches, refused } = promptBatches({ prompts, sampling }, moody, LIMIT);
		const rows = batches.flat();
		const indices = [...rows, ...refused].map(({ index }) => index).sort((a, b) => a - b);
		if (indices.join() !== texts.map((_, i) => i).join()) throw new Error('a row is lost or listed twice');
		for (const { index, row } of rows) {
			if (row.seed !== 7 + index) throw new Error('a row draws from the seed of another');
			if (row.ids.length < 1 || row.ids.length > LIMIT) throw new Error(`${row.ids.length} tokens`);
		}
		expectFaults(refused.map(({ error }) => ({ id: '', error })));
	}),
	target('tokenizePairs', fc.array(fc.tuple(text, text, text), { maxLength: 20 }), (rows) => {
		const pairs = rows.map(([prompt, chosen, rejected], i): PreferencePair => ({
			id: `p${i}`,
			prompt: { id: `u${i}`, text: prompt, family: null },
			chosen,
			rejected,
			method: 'imported',
			from: null,
			edited: false,
		}));
		const set = tokenizePairs(pairs, moody, LIMIT);
		const ids = [...set.pairs, ...set.leftOut].map(({ id }) => id).sort();
		if (
			ids.join() !==
			pairs
				.map(({ id }) => id)
				.sort()
				.join()
		)
			throw new Error('a row is lost or listed twice');
		for (const { promptIds, chosenIds, rejectedIds } of set.pairs) {
			for (const side of [chosenIds, rejectedIds])
				if (side.length === 0 || promptIds.length + side.length > LIMIT)
					throw new Error('a side has no room');
		}
		expectFaults(set.leftOut);
	}),
];
