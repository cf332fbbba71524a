/** The port of imports: reads files of rows and counts tokens. `runtime/rows` implements it, `worker/rowsClient` in a thread of its own. */
import type { RowLengths } from './batch/rowLengths.ts';
import type { ModelSource } from './model/model.ts';
import type { PairImport } from './pair/importPairs.ts';
import type { PreferencePair } from './pair/pair.ts';
import type { PromptImport } from './prompt/importPrompts.ts';
import type { Prompt } from './prompt/prompt.ts';

/** A file that the user chose, or pasted text under a name. */
export interface ImportFile {
	name: string;
	/** Move to the reader's thread: the caller must not use them afterwards. */
	bytes: Uint8Array<ArrayBuffer>;
	/** Place of the prompts in the file, an id of `Layout.options`; null to choose by names and content. */
	layout: string | null;
}

/** Prompts or pairs whose tokens are counted. */
export type ImportedRows = readonly Prompt[] | readonly PreferencePair[];

/** Reads imported files, and counts tokens with a model's tokenizer, without freezing the page. */
export interface RowReader {
	/** @throws FormatError if nothing in the file can be read as prompts */
	prompts(file: ImportFile): Promise<PromptImport>;
	/** @throws FormatError if nothing in the file can be read as pairs */
	pairs(file: ImportFile): Promise<PairImport>;
	/**
	 * Loads the model's tokenizer, if it is not loaded, and counts.
	 *
	 * @throws RemoteError or FormatError if the tokenizer cannot be loaded; Cancelled
	 */
	measure(source: ModelSource, rows: ImportedRows, signal: AbortSignal): Promise<RowLengths>;
}
