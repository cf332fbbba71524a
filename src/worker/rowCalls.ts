/** The calls of the rows worker, one row each: the methods of `RowReader` in a form that messages can carry. */
import type { ModelSource } from '#core/model/model.ts';
import type { PairImport, PairSet } from '#core/pair/importPairs.ts';
import type { PromptImport } from '#core/prompt/importPrompts.ts';
import type { PromptSet } from '#core/prompt/prompt.ts';
import type { ImportedRows, ImportFile, RowReader } from '#core/rowReader.ts';
import { callsOf } from '#core/rpc/call.ts';
import { sendLists, type ListContext } from './lists.ts';

/** The lists of a `PromptImport`, which cross in slices. */
export type PromptLists = Omit<PromptImport, 'set' | 'layout'> & Pick<PromptSet, 'prompts'>;
/** The lists of a `PairImport`. */
export type PairLists = Omit<PairImport, 'set'> & Pick<PairSet, 'pairs'>;

const call = callsOf<RowReader>();

export const ROW_CALLS = {
	prompts: call(async (reader, file: ImportFile, context: ListContext<keyof PromptLists>) => {
		const { set, layout, ...lists } = await reader.prompts(file);
		const { prompts, ...rest } = set;
		await sendLists({ prompts, ...lists }, context);
		return { set: rest, layout };
	}),
	pairs: call(async (reader, file: ImportFile, context: ListContext<keyof PairLists>) => {
		const { set, ...lists } = await reader.pairs(file);
		const { pairs, ...rest } = set;
		await sendLists({ pairs, ...lists }, context);
		return { set: rest };
	}),
	measure: call((reader, { source, rows }: { source: ModelSource; rows: ImportedRows }, { signal }) =>
		reader.measure(source, rows, signal),
	),
};
