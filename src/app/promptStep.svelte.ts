/** Prompt: which prompts the run takes, and which are held out. Prompts come from the world or from the user's own list. */
import type { Prompt, PromptSet, SkippedRow } from '#core/prompt/prompt.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { figure, type Figure, type Station, type StationState } from './station.ts';

export interface FamilyCount {
	family: string;
	/** In the run, and among the held-out. */
	count: number;
	heldOut: number;
}

export class PromptStep implements Station {
	readonly noun = 'prompt';
	readonly #recipe: () => Recipe;

	/** Prompts of the run, in order. */
	prompts: readonly Prompt[] = $state.raw([]);
	/** Prompts never trained on, answered before and after. */
	heldOut: readonly Prompt[] = $state.raw([]);
	/** The user's own set, once imported. */
	own: PromptSet | null = $state.raw(null);
	/** Rows of the import that were left out, each with its reason. */
	skipped: readonly SkippedRow[] = $state.raw([]);

	constructor(recipe: () => Recipe) {
		this.#recipe = recipe;
	}

	readonly state: StationState = $derived(this.prompts.length === 0 ? 'empty' : 'done');
	readonly progress: number = $derived(this.prompts.length === 0 ? 0 : 1);
	readonly families: readonly FamilyCount[] = $derived(countFamilies(this.prompts, this.heldOut));
	readonly figure: Figure = $derived.by(() => {
		const { count, source } = this.#recipe().prompts;
		if (this.prompts.length === 0)
			return figure(`${source === 'own' ? (this.own?.prompts.length ?? 0) : count} to take`);
		const from = this.families.length > 0 ? `${this.families.length} families` : 'your own';
		return figure(`**${this.prompts.length}** from ${from}`);
	});

	/**
	 * Reads the user's prompts: one per line, CSV or JSONL, by the name's ending and the content.
	 *
	 * @throws FormatError when nothing in it can be read as prompts, or it is not UTF-8
	 */
	import(_name: string, _bytes: Uint8Array): void {
		throw new Error('written next');
	}

	/** Fills `prompts` and `heldOut` as the recipe says. The same recipe gives the same prompts. */
	take(_recipe: Recipe): void {
		throw new Error('written next');
	}

	/** A prompt of either side by its id. */
	byId(id: string): Prompt | null {
		return this.prompts.find((p) => p.id === id) ?? this.heldOut.find((p) => p.id === id) ?? null;
	}

	clear(): void {
		this.prompts = [];
		this.heldOut = [];
	}
}

function countFamilies(prompts: readonly Prompt[], heldOut: readonly Prompt[]): FamilyCount[] {
	const counts = new Map<string, FamilyCount>();
	const of = (family: string): FamilyCount => {
		const count = counts.get(family) ?? { family, count: 0, heldOut: 0 };
		counts.set(family, count);
		return count;
	};
	for (const prompt of prompts) if (prompt.family !== null) of(prompt.family).count++;
	for (const prompt of heldOut) if (prompt.family !== null) of(prompt.family).heldOut++;
	return [...counts.values()];
}
