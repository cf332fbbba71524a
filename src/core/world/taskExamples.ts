/** Prompts to try: one of each of the first families of a world, and how many kinds of task it has. */
import { worldOf } from './registry.ts';
import type { WorldId } from './world.ts';

export interface TaskExamples {
	/** Kinds of task that the world's model knows. */
	kinds: number;
	/** Held-out prompts, each of another family. */
	prompts: readonly string[];
}

/** @param count families to show, in the world's order */
export function taskExamples(id: WorldId, count: number): TaskExamples {
	const world = worldOf(id);
	return {
		kinds: world.families.length,
		prompts: world.families
			.slice(0, count)
			.flatMap((family) => world.prompts({ count: 1, seed: 1, split: 'heldOut', families: [family.id] }))
			.map(({ text }) => text),
	};
}
