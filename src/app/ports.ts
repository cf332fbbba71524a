/** What the page's state asks of the world: the core's ports, and the few things only a page has. Injected by the roots. */
import type { ChatModel, Clock, ComputeEngine, ModelCatalogue, RunStore, TargetModel } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';

/** Calls back once, before the next paint (requestAnimationFrame; a timer where the page is hidden). */
export type Frame = (callback: () => void) => void;

export interface AppPorts {
	/** WebLLM. Never touched where WebGPU is missing. */
	target: TargetModel;
	compute: ComputeEngine;
	/** The model that revises, by the recipe's settings. `key` never leaves memory; null where none was given. */
	reviser: (settings: Recipe['reviser'], key: string | null) => ChatModel;
	store: RunStore;
	catalogue: ModelCatalogue;
	clock: Clock;
	frame: Frame;
	/** A new run's id, unique on this machine. */
	newId: () => string;
	/** Versions of the workbench and its engines, as a run records them. */
	versions: Readonly<Record<string, string>>;
}
