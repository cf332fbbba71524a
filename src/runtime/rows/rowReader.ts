/** Reads imported files and counts their tokens, in the thread that it is created in. */
import { pairTokens, promptTokens, type RowLengths, type RowTokens } from '#core/batch/rowLengths.ts';
import { nextTask } from '#core/concurrency.ts';
import { Cancelled } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import { importPairs } from '#core/pair/importPairs.ts';
import { importPrompts } from '#core/prompt/importPrompts.ts';
import type { ImportFile, ImportedRows, RowReader } from '#core/rowReader.ts';
import type { ModelText } from './modelText.ts';
import { readParquet } from './parquet.ts';

/** Time between two looks at the signal, in milliseconds. */
const SLICE = 20;

export class LocalRowReader implements RowReader {
	readonly #loadText: (source: ModelSource, signal: AbortSignal) => Promise<ModelText>;
	/** The last model's tokenizer. */
	#text: { model: string; loaded: Promise<ModelText> } | null = null;

	constructor(loadText: (source: ModelSource, signal: AbortSignal) => Promise<ModelText>) {
		this.#loadText = loadText;
	}

	prompts({ name, bytes, layout }: ImportFile) {
		return importPrompts(name, bytes, readParquet, layout);
	}

	pairs({ name, bytes }: ImportFile) {
		return importPairs(name, bytes, readParquet);
	}

	async measure(source: ModelSource, rows: ImportedRows, signal: AbortSignal): Promise<RowLengths> {
		const { tools, positions } = await this.#textOf(source, signal);
		const counted: (RowTokens | null)[] = [];
		let begin = performance.now();
		for (const row of rows) {
			counted.push(
				tokensOf(() => ('chosen' in row ? pairTokens(row, tools) : promptTokens(row.text, tools))),
			);
			if (performance.now() - begin < SLICE) continue;
			// A cancel arrives as a message, which needs a task of its own.
			await nextTask();
			if (signal.aborted) throw new Cancelled();
			begin = performance.now();
		}
		return { model: source.id, positions, rows: counted };
	}

	#textOf(source: ModelSource, signal: AbortSignal): Promise<ModelText> {
		if (this.#text?.model === source.id) return this.#text.loaded;
		const loaded = this.#loadText(source, signal);
		const text = { model: source.id, loaded };
		this.#text = text;
		// A failed load is tried again with the next import.
		loaded.catch(() => {
			if (this.#text === text) this.#text = null;
		});
		return loaded;
	}
}

/** One refused row does not stop the others. */
function tokensOf(count: () => RowTokens): RowTokens | null {
	try {
		return count();
	} catch (thrown) {
		if (thrown instanceof Error) return null;
		throw thrown;
	}
}
