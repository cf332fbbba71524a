/** Prompt: the prompts of the run, and the held-out ones. Prompts come from the world or from the user's own list. */
import { AppError } from '#core/errors.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { worldOf } from '#core/world/registry.ts';
import type { ImportedPrompts } from '../recipe/importedData.svelte.ts';
import { counted } from '../text/format.ts';
import { figure, type Figure, type StepSummary, type StepState } from './stepSummary.ts';

export interface FamilyCount {
	family: string;
	/** Prompts of the run, and held-out ones. */
	count: number;
	heldOut: number;
}

export class PromptStep implements StepSummary {
	readonly noun = 'prompt';
	readonly #recipe: () => Recipe;
	readonly #imported: ImportedPrompts;

	/** Prompts of the run, in order. */
	prompts: readonly Prompt[] = $state.raw([]);
	/** Prompts never trained on; the model answers them before and after training. */
	heldOut: readonly Prompt[] = $state.raw([]);

	/** @param imported the user's own prompts */
	constructor(recipe: () => Recipe, imported: ImportedPrompts) {
		this.#recipe = recipe;
		this.#imported = imported;
	}

	readonly state: StepState = $derived(this.prompts.length === 0 ? 'empty' : 'done');
	readonly progress: number = $derived(this.prompts.length === 0 ? 0 : 1);
	readonly families: readonly FamilyCount[] = $derived(countFamilies(this.prompts, this.heldOut));
	readonly figure: Figure = $derived.by(() => {
		const recipe = this.#recipe();
		const { pairs, prompts } = recipe;
		const { count, source } = prompts;
		const { source: data, texts } = methodOf(pairs.method);
		if (this.prompts.length === 0 && data === 'pairs') return figure(texts.skipped);
		if (this.prompts.length === 0)
			return figure(counted(source === 'own' ? this.#imported.draw(recipe).train.length : count, 'prompt'));
		const from = this.families.length > 0 ? `${this.families.length} families` : 'your own';
		return figure(`**${this.prompts.length}** from ${from}`);
	});

	/**
	 * Draws `prompts` and `heldOut` as the recipe says. The same recipe gives the same prompts; a prompt's text alone decides
	 * its side, so that no prompt is ever on both.
	 *
	 * @throws AppError when the world holds fewer than asked for, or own prompts are asked for and none were imported
	 */
	draw(recipe: Recipe): void {
		const { source, count, seed, families } = recipe.prompts;
		const world = worldOf(recipe.prompts.world);
		const { count: heldOut, seed: heldOutSeed } = recipe.evaluation;
		if (source === 'own') {
			this.#drawOwn(recipe);
			return;
		}
		this.prompts = world.prompts({ count, seed, families, split: 'train' });
		this.heldOut = world.prompts({ count: heldOut, seed: heldOutSeed, families, split: 'heldOut' });
	}

	#drawOwn(recipe: Recipe): void {
		const { train, heldOut } = this.#imported.draw(recipe);
		if (train.length === 0)
			throw new AppError('There are no prompts of your own to train on.', {
				code: 'own-prompts-missing',
				hint: 'Import more or shorter prompts: one in five is held out, and prompts that are too long are left out. Or use the built-in world.',
				context: {
					imported: this.#imported.set?.prompts.length ?? 0,
					tooLong: this.#imported.tooLong(recipe).length,
				},
			});
		this.prompts = train;
		this.heldOut = heldOut;
	}

	/** Restores a stored run's prompts. */
	restore(prompts: readonly Prompt[], heldOut: readonly Prompt[]): void {
		this.prompts = prompts;
		this.heldOut = heldOut;
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
