/** Prompts and pairs that the user imported. They are data and not part of a recipe; every run that asks for them draws from here. */
import { longPairs, longPrompts, type LengthFault, type RowLengths } from '#core/batch/rowLengths.ts';
import { toWire, type WireError } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { PairImport } from '#core/pair/importPairs.ts';
import type { PairSet } from '#core/pair/pair.ts';
import type { ImportedRows, ImportFile, RowReader } from '#core/rowReader.ts';
import type { PromptImport } from '#core/prompt/importPrompts.ts';
import type { PromptSet, SkippedRow } from '#core/prompt/prompt.ts';
import type { Layout } from '#core/prompt/promptRows.ts';
import type { Recipe } from '#core/recipe/recipe.ts';

/** Counts the tokens of the imported rows with one model's tokenizer. A new count ends the one before. */
export class TokenCount {
	/** Null before a count. */
	lengths: RowLengths | null = $state.raw(null);
	counting: boolean = $state(false);
	/** Why the rows could not be counted, or null; a run leaves out too long rows in any case. */
	error: WireError | null = $state.raw(null);
	#under: { key: string; rows: ImportedRows; cancel: AbortController } | null = null;

	/** Counts, unless the same rows were counted for the same model. */
	async count(reader: RowReader, source: ModelSource, rows: ImportedRows): Promise<void> {
		if (this.#under?.key === source.id && this.#under.rows === rows) return;
		this.#under?.cancel.abort();
		const own = { key: source.id, rows, cancel: new AbortController() };
		this.#under = own;
		this.lengths = null;
		this.error = null;
		this.counting = true;
		try {
			const lengths = await reader.measure(source, rows, own.cancel.signal);
			if (this.#under === own) this.lengths = lengths;
		} catch (thrown) {
			if (this.#under === own) this.error = toWire(thrown);
		} finally {
			if (this.#under === own) this.counting = false;
		}
	}
}

/** The listed rows of length faults. */
function listedRows(
	faults: readonly LengthFault[],
	lines: readonly number[],
	textOf: (index: number) => string,
): readonly SkippedRow[] {
	return faults.map(({ index, reason }) => ({ line: lines[index] ?? 0, text: textOf(index), reason }));
}

export class ImportedPrompts {
	/** Null before an import. */
	set: PromptSet | null = $state.raw(null);
	/** The file's line of each prompt. */
	lines: readonly number[] = $state.raw([]);
	/** Rows of the import that were left out, each with its reason. */
	skipped: readonly SkippedRow[] = $state.raw([]);
	/** Rows of which a part was left out. */
	noted: readonly SkippedRow[] = $state.raw([]);
	/** Where the prompts are in the file; null if there is no choice. */
	layout: Layout | null = $state.raw(null);
	readonly tokens = new TokenCount();
	/** Counts the imports: an earlier one that ends later does not replace the newer rows. */
	#turn = 0;

	/**
	 * Reads prompts from a file. A later import ends this one.
	 *
	 * @throws FormatError if nothing in it can be read as prompts; the earlier set stays
	 */
	async read(reader: RowReader, file: ImportFile): Promise<void> {
		const turn = ++this.#turn;
		const rows = await reader.prompts(file);
		if (turn === this.#turn) this.take(rows);
	}

	take({ set, lines, skipped, noted, layout }: PromptImport): void {
		this.set = set;
		this.lines = lines;
		this.skipped = skipped;
		this.noted = noted;
		this.layout = layout;
	}

	/** Prompts that the counted model cannot answer; a run leaves them out. */
	readonly tooLong: readonly SkippedRow[] = $derived.by(() => {
		const { lengths } = this.tokens;
		if (lengths === null) return [];
		return listedRows(longPrompts(lengths), this.lines, (index) => this.set?.prompts[index]?.text ?? '');
	});

	/** Number of prompts that the counted model can answer. */
	readonly usable: number = $derived.by(() => (this.set?.prompts.length ?? 0) - this.tooLong.length);
}

export class ImportedPairs {
	/** Null before an import. */
	set: PairSet | null = $state.raw(null);
	/** The file's line of each pair. */
	lines: readonly number[] = $state.raw([]);
	/** Rows of the import that were left out, each with its reason. */
	skipped: readonly SkippedRow[] = $state.raw([]);
	readonly tokens = new TokenCount();
	/** As for prompts. */
	#turn = 0;

	/**
	 * Reads pairs from a file. A later import ends this one.
	 *
	 * @throws FormatError if nothing in it can be read as a pair; the earlier set stays
	 */
	async read(reader: RowReader, file: ImportFile): Promise<void> {
		const turn = ++this.#turn;
		const rows = await reader.pairs(file);
		if (turn === this.#turn) this.take(rows);
	}

	take({ set, lines, skipped }: PairImport): void {
		this.set = set;
		this.lines = lines;
		this.skipped = skipped;
	}

	/** Pairs that a run with these settings leaves out, and pairs that it cuts. */
	tooLong(training: Pick<Recipe['training'], 'maxLength'>): {
		leftOut: readonly SkippedRow[];
		cut: readonly SkippedRow[];
	} {
		const { lengths } = this.tokens;
		const faults = lengths === null ? [] : longPairs(lengths, training);
		const listed = (leftOut: boolean): readonly SkippedRow[] =>
			listedRows(
				faults.filter((fault) => fault.leftOut === leftOut),
				this.lines,
				(index) => this.set?.pairs[index]?.prompt.text ?? '',
			);
		return { leftOut: listed(true), cut: listed(false) };
	}
}

export interface ImportedData {
	readonly prompts: ImportedPrompts;
	readonly pairs: ImportedPairs;
}
