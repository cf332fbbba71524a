/** What the page's state asks of the world: the core's ports, and the few things only a page has. Injected by the roots. */
import type { ChatModel, Clock, ComputeEngine, ModelCatalogue, RunStore, TargetModel } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';

/** Calls back once, before the next paint (requestAnimationFrame; a timer where the page is hidden). */
export type Frame = (callback: () => void) => void;

/** Where a key may be kept for a tab's reloads (sessionStorage). */
export interface TabMemory {
	read(name: string): string | null;
	write(name: string, value: string | null): void;
}

/** Which tab works on which run: two at once would write over each other. */
export interface RunLocks {
	/** Holds a run until the function that comes back is called; null where another tab holds it. */
	hold(runId: string): Promise<(() => void) | null>;
	/** Runs that any tab works on now, this one included. */
	held(): Promise<ReadonlySet<string>>;
}

export interface AppPorts {
	/** A new WebLLM engine. Called at the first load, and again after a lost device; never where WebGPU is missing. */
	newTarget: () => TargetModel;
	/** A new compute worker. Called at the first question, and again after a crash or a lost device. */
	newCompute: () => ComputeEngine;
	/** The model that revises, by the recipe's settings. `key` never leaves memory; null where none was given. */
	reviser: (settings: Recipe['reviser'], key: string | null) => ChatModel;
	store: RunStore;
	locks: RunLocks;
	catalogue: ModelCatalogue;
	/** The file of the run that comes with the page. */
	recordedRun: () => Promise<Uint8Array<ArrayBuffer>>;
	clock: Clock;
	frame: Frame;
	/** A new run's id, unique on this machine. */
	newId: () => string;
	/** Versions of the workbench and its engines, as a run records them. */
	versions: Readonly<Record<string, string>>;
	/** Null where the browser offers none. */
	tabMemory: TabMemory | null;
}
