/** The worlds, one file each. A world is added here and in `WORLD_IDS`. */
import { instructions } from './instructions/instructions.ts';
import { tiny } from './tiny/tiny.ts';
import type { Rng } from '../math/rng.ts';
import { WORLD_IDS } from './world.ts';
import type {
	Habits,
	World,
	WorldFamily,
	WorldId,
	WorldRefusal,
	WorldRevision,
	WorldScore,
} from './world.ts';

const WORLDS: Readonly<Record<WorldId, World>> = { tiny, instructions };

export const worlds: readonly World[] = Object.values(WORLDS);

export function worldOf(id: WorldId): World {
	return WORLDS[id];
}

/** Null if no world has the family. */
export function familyOf(id: string): WorldFamily | null {
	for (const { families, untouched } of worlds) {
		const family = [...families, ...untouched].find((one) => one.id === id);
		if (family) return family;
	}
	return null;
}

/** The score by the world that the prompt is from; null if no world has the prompt. */
export function scoreAnswer(promptText: string, answer: string): WorldScore | null {
	return first((world) => world.score(promptText, answer));
}

/** The revision by the world that the prompt is from; null if no world has the prompt. */
export function reviseAnswer(
	promptText: string,
	answer: string,
	seed: number,
): WorldRevision | WorldRefusal | null {
	return first((world) => world.revise(promptText, answer, seed));
}

/** An answer by the world that the prompt is from; null if no world has the prompt. */
export function answerPrompt(promptText: string, habits: Habits, rng: Rng): string | WorldRefusal | null {
	return first((world) => world.answer(promptText, habits, rng));
}

function first<T>(find: (world: World) => T | null): T | null {
	for (const world of worlds) {
		const found = find(world);
		if (found !== null) return found;
	}
	return null;
}

/** The world that the prompt is from; null if no world has the prompt. */
export function worldIdOf(promptText: string): WorldId | null {
	return WORLD_IDS.find((id) => WORLDS[id].score(promptText, '') !== null) ?? null;
}
