/** The engines as one run uses them: without an adapter they answer as the run's reference model. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { expectAdapterFits } from '#core/adapter/fits.ts';
import type { ComputeEngine, TargetModel } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import { Reference, ReferenceCompute, referenceTarget } from '../engines/referenceModel.ts';
import type { Parent } from './parent.ts';

export class RunModels {
	readonly compute: ComputeEngine;
	readonly #engines: Engines;
	readonly #recipe: () => Recipe;
	readonly #parent: Parent;
	readonly #reference: Reference;

	constructor(engines: Engines, recipe: () => Recipe, parent: Parent) {
		this.#engines = engines;
		this.#recipe = recipe;
		this.#parent = parent;
		this.#reference = new Reference(() => parent.read());
		this.compute =
			recipe().begin === undefined ? engines.compute : new ReferenceCompute(engines.compute, this.#reference);
	}

	/** The engine that answers chats and samples; null while no model is loaded. */
	get target(): TargetModel | null {
		return this.#of(this.#engines.target);
	}

	/** @throws AppError `engine-restarted` if the engines were disposed of in the meantime */
	get loadedTarget(): TargetModel {
		const { loadedTarget } = this.#engines;
		return this.#of(loadedTarget) ?? loadedTarget;
	}

	/** Rank of an adapter of this run as WebLLM gets it: stacked on the parent. */
	get rank(): number {
		return this.#parent.rank + this.#recipe().lora.rank;
	}

	/** An adapter of this run as it applies to the plain base. */
	async whole(own: Adapter): Promise<Adapter> {
		return (await this.#reference.applied(own, 1)).adapter ?? own;
	}

	/**
	 * Reads the parent, so that a run that lacks it fails before it asks a model.
	 *
	 * @throws StorageError `begin-missing` · ShapeError `adapter-other-model`
	 */
	async expectParent(): Promise<void> {
		const parent = await this.#parent.read();
		const { config } = this.#engines;
		const { begin } = this.#recipe();
		if (parent !== null && config !== null && begin !== undefined)
			expectAdapterFits(parent, config, begin.name);
	}

	#of(target: TargetModel | null): TargetModel | null {
		if (target === null || this.#recipe().begin === undefined) return target;
		return referenceTarget(target, this.#reference);
	}
}
