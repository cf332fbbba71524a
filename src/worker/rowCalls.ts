/** The calls of the rows worker, one row each: the methods of `RowReader` in a form that messages can carry. */
import type { ModelSource } from '#core/model/model.ts';
import type { ImportedRows, ImportFile, RowReader } from '#core/rowReader.ts';
import { callsOf } from '#core/rpc/call.ts';

const call = callsOf<RowReader>();

export const ROW_CALLS = {
	prompts: call((reader, file: ImportFile) => reader.prompts(file)),
	pairs: call((reader, file: ImportFile) => reader.pairs(file)),
	measure: call((reader, { source, rows }: { source: ModelSource; rows: ImportedRows }, { signal }) =>
		reader.measure(source, rows, signal),
	),
};
