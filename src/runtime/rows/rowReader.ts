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
	/** The last model's tokenizer; `isLoaded` once it no longer depends on the signal of the count that loads it. */
	#text: { model: string; loaded: Promise<ModelText>; signal: AbortSignal; isLoaded: boolean } | null = null;

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

	/** Counts of one model share its load, unless the count that began the load is cancelled. */
	async #textOf(source: ModelSource, signal: AbortSignal): Promise<ModelText> {
		const shared = this.#text;
		if (shared?.model !== source.id || (shared.signal.aborted && !shared.isLoaded))
			return this.#load(source, signal);
		try {
			return await shared.loaded;
		} catch (thrown) {
			if (!shared.signal.aborted || shared.signal === signal) throw thrown;
			if (signal.aborted) throw new Cancelled();
			return this.#textOf(source, signal);
		}
	}

	async #load(source: ModelSource, signal: AbortSignal): Promise<ModelText> {
		const text = { model: source.id, loaded: this.#loadText(source, signal), signal, isLoaded: false };
		this.#text = text;
		try {
			const loaded = await text.loaded;
			text.isLoaded = true;
			return loaded;
		} catch (thrown) {
			// A failed load is tried again with the next import.
			if (this.#text === text) this.#text = null;
			throw thrown;
		}
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
