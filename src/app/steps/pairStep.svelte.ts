/** Pair: the preference pairs that the recipe's data method builds, and the rows that give none, with their reasons. */
import { AppError } from '#core/errors.ts';
import type { DrawnPairs } from '#core/pair/draw.ts';
import { withOpenEnds } from '#core/pair/cutAnswers.ts';
import type { BuiltPairs, DataMethod, DataStage, LeftOut, StageRows } from '#core/pair/methods/method.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import { contentKey, type PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { trainingPair } from '#core/pair/set/trainingPair.ts';
import { type ImportedData, pairsFor } from '../recipe/importedData.svelte.ts';
import { worldHeldOut } from '../recipe/worldHeldOut.ts';
import { figure, type Figure, type StepSummary, type StepState } from './stepSummary.ts';

/** The stages' rows and progress, as the Pair step reads them. */
export interface PairStages {
	rows: () => StageRows;
	/** Share of a stage's rows that are settled. */
	progress: (stage: DataStage) => number;
}

export class PairStep implements StepSummary {
	readonly noun = 'pair';
	readonly #recipe: () => Recipe;
	readonly #stages: PairStages;
	readonly #imported: ImportedData;
	/** The pairs that a run trains on, or drew from the import; until then the pairs follow the rows of the stages. */
	#fixed: readonly PreferencePair[] | null = $state.raw(null);

	/** Pairs of held-out prompts, never trained on; empty unless the pairs were imported. */
	heldOut: readonly PreferencePair[] = $state.raw([]);

	readonly #settings: Recipe['pairs'] = $derived.by(() => this.#recipe().pairs);
	/** The recipe's data method. */
	readonly method: DataMethod = $derived(methodOf(this.#settings.method));
	/** True if the recipe uses imported pairs. */
	readonly #imports: boolean = $derived(this.method.source === 'pairs');
	readonly #built: BuiltPairs = $derived.by(() => {
		const sources = { ...this.#stages.rows(), imported: this.#imports ? (this.#fixed ?? []) : [] };
		const built = without(this.method.build(sources, this.#settings), this.#settings.exclude);
		return this.#settings.cutAnswers === 'open'
			? { ...built, pairs: withOpenEnds(built.pairs, sources) }
			: built;
	});
	/** The pairs that train, or would train if training began now. */
	readonly pairs: readonly PreferencePair[] = $derived(this.#fixed ?? this.#built.pairs);
	readonly leftOut: readonly LeftOut[] = $derived(this.#built.leftOut);
	/** How many rows were left out for each reason of the method; reasons that did not occur are missing. */
	readonly leftOutCounts: ReadonlyMap<string, number> = $derived(countReasons(this.leftOut));
	/** True if the pairs that were trained on are not those that would be built now. */
	readonly changedSinceTraining: boolean = $derived(
		this.#fixed !== null &&
			// Imported pairs are the same list, and too many to compare by content.
			this.#fixed !== this.#built.pairs &&
			contents(this.#fixed) !== contents(this.#built.pairs),
	);
	/** True from the start of training: decisions change the pairs of the next run only. */
	readonly trained: boolean = $derived(this.#fixed !== null && !this.#imports);
	/** Number of pairs that a run would train on if it began now. */
	readonly nextCount: number = $derived(this.#built.pairs.length);
	readonly progress: number = $derived.by(() => {
		const last = this.method.stages.at(-1);
		if (last === undefined) return this.pairs.length > 0 ? 1 : 0;
		return this.#stages.progress(last);
	});
	readonly state: StepState = $derived.by(() => {
		const { leftOutReasons } = this.method;
		if (this.pairs.length > 0) return this.progress < 1 ? 'partial' : 'done';
		return this.leftOut.some(({ reason }) => leftOutReasons[reason]?.open === false) ? 'partial' : 'empty';
	});
	readonly figure: Figure = $derived.by(() => {
		const { texts } = this.method;
		if (this.state === 'empty') {
			const recipe = this.#recipe();
			return figure(
				texts.planned(this.#settings, pairsFor(this.#imported, recipe).draw(recipe).train.length),
			);
		}
		return figure(`**${this.pairs.length}** ${texts.made}`);
	});

	/** @param imported the user's own pairs and kept sets */
	constructor(recipe: () => Recipe, stages: PairStages, imported: ImportedData) {
		this.#recipe = recipe;
		this.#stages = stages;
		this.#imported = imported;
	}

	/**
	 * Draws a run's pairs from the imported ones or from a kept set, some of them held out.
	 *
	 * @throws AppError when there is none to train on, or the world has too few held-out prompts
	 */
	draw(recipe: Recipe): DrawnPairs {
		worldHeldOut(recipe);
		const imported = pairsFor(this.#imported, recipe);
		const drawn = imported.draw(recipe);
		if (drawn.train.length === 0)
			throw new AppError('There are no pairs of your own to train on.', {
				code: 'own-pairs-missing',
				hint: 'Import more or shorter pairs: one prompt in five is held out, and pairs that are too long are left out. Or choose a data method that makes pairs from prompts.',
				context: {
					imported: imported.set?.pairs.length ?? 0,
					tooLong: imported.tooLong(recipe).leftOut.length,
				},
			});
		const { exclude = [], cutAnswers } = recipe.pairs;
		this.restore(
			drawn.train.filter(({ id }) => !exclude.includes(id)).map((pair) => trainingPair(pair, cutAnswers)),
			drawn.heldOut.map((pair) => trainingPair(pair, cutAnswers)),
		);
		return drawn;
	}

	/** Fixes the pairs for a training run. */
	fix(pairs: readonly PreferencePair[] = this.#built.pairs): void {
		this.#fixed = pairs;
	}

	/** The pairs follow the rows of the stages again. Imported pairs stay. */
	release(): void {
		if (!this.#imports) this.#fixed = null;
	}

	/** Restores a stored run's pairs; null if they follow the rows of its stages. */
	restore(pairs: readonly PreferencePair[] | null, heldOut: readonly PreferencePair[] = []): void {
		this.#fixed = pairs;
		this.heldOut = heldOut;
	}
}

/** Without the pairs that the recipe leaves out. */
function without(built: BuiltPairs, exclude: readonly string[] = []): BuiltPairs {
	if (exclude.length === 0) return built;
	const ids = new Set(exclude);
	return { ...built, pairs: built.pairs.filter(({ id }) => !ids.has(id)) };
}

/** Equal for pairs that would train the same, in the same order. */
function contents(pairs: readonly PreferencePair[]): string {
	return pairs.map(contentKey).join('\n');
}

function countReasons(leftOut: readonly LeftOut[]): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	for (const { reason } of leftOut) counts.set(reason, (counts.get(reason) ?? 0) + 1);
	return counts;
}
