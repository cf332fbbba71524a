/** Prompts and pairs that the user imported. They are data and not part of a recipe; every run that asks for them draws from here. */
import { importPairs } from '#core/pair/jsonl.ts';
import type { PairSet } from '#core/pair/pair.ts';
import { importPrompts } from '#core/prompt/importPrompts.ts';
import type { PromptSet, SkippedRow } from '#core/prompt/prompt.ts';

export class ImportedPrompts {
	/** Null before an import. */
	set: PromptSet | null = $state.raw(null);
	/** Rows of the import that were left out, each with its reason. */
	skipped: readonly SkippedRow[] = $state.raw([]);

	/**
	 * Reads prompts from a file: one per line, CSV or JSONL, by the name's ending and the content.
	 *
	 * @throws FormatError if nothing in it can be read as prompts, it is too large, or it is not UTF-8; the set stays
	 */
	read(name: string, bytes: Uint8Array): void {
		const { set, skipped } = importPrompts(name, bytes);
		this.set = set;
		this.skipped = skipped;
	}
}

export class ImportedPairs {
	/** Null before an import. */
	set: PairSet | null = $state.raw(null);
	/** Rows of the import that were left out, each with its reason. */
	skipped: readonly SkippedRow[] = $state.raw([]);

	/**
	 * Reads pairs from TRL's JSONL, in any of its shapes.
	 *
	 * @throws FormatError if nothing in it can be read as a pair, it is too large, or it is not UTF-8; the set stays
	 */
	read(name: string, bytes: Uint8Array): void {
		const { set, skipped } = importPairs(name, bytes);
		this.set = set;
		this.skipped = skipped;
	}
}

export interface ImportedData {
	readonly prompts: ImportedPrompts;
	readonly pairs: ImportedPairs;
}
