/** Prompts and pairs that the user imported. They are data and not part of a recipe; every run that asks for them draws from here. */
import {
	longPairs,
	longPrompts,
	type LengthFault,
	type RowLengths,
	type RowTokens,
} from '#core/batch/rowLengths.ts';
import { toWire, type WireError } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { PairImport, PairSet } from '#core/pair/importPairs.ts';
import { drawPairs, type DrawnPairs } from '#core/pair/draw.ts';
import { drawSet } from '#core/pair/set/drawSet.ts';
import type { SetPair } from '#core/pair/set/keptSet.ts';
import { heldOutTwins } from '#core/prompt/overlap.ts';
import type { ImportedRows, ImportFile, RowReader } from '#core/rowReader.ts';
import type { PromptImport } from '#core/prompt/importPrompts.ts';
import type { PromptSet, SkippedRow } from '#core/prompt/prompt.ts';
import type { Layout } from '#core/prompt/layout.ts';
import { drawPrompts, type DrawOptions, isHeldOut, type PromptSplit } from '#core/prompt/split.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { Latest } from '../latest.ts';
import { LastValue } from './lastValue.ts';
import { worldHeldOutPreview } from './worldHeldOut.ts';

/** Settings that decide which rows a run can use. */
type LengthSettings = Pick<Recipe, 'model' | 'training'>;
/** Settings that decide which rows a run draws. */
type DrawSettings = LengthSettings & Pick<Recipe, 'prompts' | 'evaluation'>;
/** Settings that decide which pairs a run draws. */
type DrawPairSettings = DrawSettings & Pick<Recipe, 'pairs'>;

function drawOptions({ prompts, evaluation }: DrawSettings): DrawOptions {
	return {
		count: prompts.count,
		seed: prompts.seed,
		heldOutCount: evaluation.count,
		heldOutSeed: evaluation.seed,
	};
}

/** Counts the tokens of the imported rows with one model's tokenizer. A new count ends the one before. */
export class TokenCount {
	/** Null before a count. */
	lengths: RowLengths | null = $state.raw(null);
	counting: boolean = $state(false);
	/** Why the rows could not be counted, or null; a run leaves out too long rows in any case. */
	error: WireError | null = $state.raw(null);
	#under: { key: string; rows: ImportedRows; cancel: AbortController } | null = null;

	/** The lengths of these rows for a model; null if they are not counted. */
	of(rows: ImportedRows, model: string): RowLengths | null {
		const { lengths } = this;
		return lengths?.model === model && this.#under?.rows === rows ? lengths : null;
	}

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

const NO_ROWS: ImportedRows = [];
const NO_FAULTS: readonly LengthFault[] = [];

/** False for the rows that a run leaves out. */
function isUsable(faults: readonly LengthFault[]): (index: number) => boolean {
	const unusable = new Set(faults.filter(({ leftOut }) => leftOut).map(({ index }) => index));
	return (index) => !unusable.has(index);
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
	#heldOut: readonly boolean[] = [];
	readonly #faults = new LastValue<readonly LengthFault[]>();
	readonly #listed = new LastValue<readonly SkippedRow[]>();
	readonly #drawn = new LastValue<PromptSplit>();
	/** Where the prompts are in the file; null if there is no choice. */
	layout: Layout | null = $state.raw(null);
	readonly tokens = new TokenCount();
	readonly #imports = new Latest();

	/**
	 * Reads prompts from a file. A later import ends this one.
	 *
	 * @throws FormatError if nothing in it can be read as prompts; the earlier set stays
	 */
	async read(reader: RowReader, file: ImportFile): Promise<void> {
		const isLatest = this.#imports.begin();
		const rows = await reader.prompts(file);
		if (isLatest()) this.take(rows);
	}

	take({ set, lines, heldOut, skipped, noted, layout }: PromptImport): void {
		this.#heldOut = heldOut;
		this.set = set;
		this.lines = lines;
		this.skipped = skipped;
		this.noted = noted;
		this.layout = layout;
	}

	/** Prompts that the recipe's model cannot answer, as far as their tokens are counted; a run leaves them out. */
	tooLong(recipe: LengthSettings): readonly SkippedRow[] {
		const faults = this.#faultsFor(recipe);
		const { lines } = this;
		return this.#listed.of([faults, lines], () =>
			listedRows(faults, lines, (index) => this.set?.prompts[index]?.text ?? ''),
		);
	}

	/** The prompts that a run of the recipe draws, without those that are too long. */
	draw(recipe: DrawSettings): PromptSplit {
		const prompts = this.set?.prompts ?? [];
		const faults = this.#faultsFor(recipe);
		const options = drawOptions(recipe);
		return this.#drawn.of([prompts, faults, JSON.stringify(options)], () =>
			drawPrompts({ prompts, heldOut: this.#heldOut }, options, isUsable(faults)),
		);
	}

	#faultsFor({ model }: LengthSettings): readonly LengthFault[] {
		const lengths = this.tokens.of(this.set?.prompts ?? NO_ROWS, model);
		return this.#faults.of([lengths], () => (lengths === null ? NO_FAULTS : longPrompts(lengths)));
	}
}

export interface LongPairs {
	/** Pairs that a run leaves out. */
	leftOut: readonly SkippedRow[];
	/** Pairs of which a run cuts an answer. */
	cut: readonly SkippedRow[];
}

export class ImportedPairs {
	/** Null before an import. */
	set: PairSet | null = $state.raw(null);
	/** The file's line of each pair. */
	lines: readonly number[] = $state.raw([]);
	/** Rows of the import that were left out, each with its reason. */
	skipped: readonly SkippedRow[] = $state.raw([]);
	readonly tokens = new TokenCount();
	#heldOut: readonly boolean[] = [];
	readonly #faults = new LastValue<readonly LengthFault[]>();
	readonly #listed = new LastValue<LongPairs>();
	readonly #drawn = new LastValue<DrawnPairs>();
	readonly #imports = new Latest();

	/**
	 * Reads pairs from a file. A later import ends this one.
	 *
	 * @throws FormatError if nothing in it can be read as a pair; the earlier set stays
	 */
	async read(reader: RowReader, file: ImportFile): Promise<void> {
		const isLatest = this.#imports.begin();
		const rows = await reader.pairs(file);
		if (isLatest()) this.take(rows);
	}

	take({ set, lines, heldOut, skipped }: PairImport): void {
		this.#heldOut = heldOut;
		this.set = set;
		this.lines = lines;
		this.skipped = skipped;
	}

	/** Takes the pairs of a kept set. A training pair whose question is held out counts as held out, too. */
	takeSet(name: string, pairs: readonly SetPair[]): void {
		const sides = pairs.map(({ prompt: { text } }) => ({ prompt: text, heldOut: isHeldOut(text) }));
		const twins = heldOutTwins(sides);
		this.#heldOut = sides.map(({ heldOut }, i) => heldOut || twins.has(i));
		this.set = { source: name, pairs };
		this.lines = pairs.map((_, i) => i + 1);
		this.skipped = [];
	}

	/** Lengths of the pairs that the model's tokenizer reads; null if they are not counted. */
	lengths(model: string): readonly RowTokens[] | null {
		const counted = this.tokens.of(this.set?.pairs ?? NO_ROWS, model);
		return counted === null ? null : counted.rows.filter((row) => row !== null);
	}

	/** Pairs that a run of the recipe leaves out, and pairs that it cuts, as far as their tokens are counted. */
	tooLong(recipe: LengthSettings): LongPairs {
		const faults = this.#faultsFor(recipe);
		const { lines } = this;
		const listed = (leftOut: boolean): readonly SkippedRow[] =>
			listedRows(
				faults.filter((fault) => fault.leftOut === leftOut),
				lines,
				(index) => this.set?.pairs[index]?.prompt.text ?? '',
			);
		return this.#listed.of([faults, lines], () => ({ leftOut: listed(true), cut: listed(false) }));
	}

	/** The pairs that a run of the recipe draws, without those that it would leave out. */
	draw(recipe: DrawPairSettings): DrawnPairs {
		const pairs = this.set?.pairs ?? [];
		const faults = this.#faultsFor(recipe);
		const options = drawOptions(recipe);
		const { world, families } = recipe.prompts;
		const key = JSON.stringify([
			options,
			recipe.pairs.set === undefined ? null : [recipe.prompts.source, world, families],
		]);
		return this.#drawn.of([pairs, faults, key], () => {
			const sided = { pairs, heldOut: this.#heldOut };
			const asked = worldHeldOutPreview(recipe);
			return asked === null
				? drawPairs(sided, options, isUsable(faults))
				: drawSet(sided, options, asked, isUsable(faults));
		});
	}

	#faultsFor({ model, training }: LengthSettings): readonly LengthFault[] {
		const { maxLength } = training;
		const lengths = this.tokens.of(this.set?.pairs ?? NO_ROWS, model);
		return this.#faults.of([lengths, maxLength], () =>
			lengths === null ? NO_FAULTS : longPairs(lengths, { maxLength }),
		);
	}
}

/** Kept sets of pairs that were loaded. */
export interface KeptPairs {
	/** The pairs with a hash; none before they are loaded. */
	of(sha256: string): ImportedPairs;
}

export interface ImportedData {
	readonly prompts: ImportedPrompts;
	/** Of a file or of pasted text. */
	readonly pairs: ImportedPairs;
	readonly sets: KeptPairs;
}

/** The pairs that a recipe trains on if it makes none: those of the kept set that it names, else the imported ones. */
export function pairsFor({ pairs, sets }: ImportedData, recipe: Pick<Recipe, 'pairs'>): ImportedPairs {
	const { set } = recipe.pairs;
	return set === undefined ? pairs : sets.of(set.sha256);
}
