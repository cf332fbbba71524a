/**
 * A world: families of prompts whose answers a rule can score and, as far as it needs no new content, a rule can revise.
 * No model judges or teaches. A prompt's text alone decides its score and its revision, because an endpoint
 * receives nothing else. `registry.ts` lists the worlds.
 */
import type { Rng } from '../math/rng.ts';
import type { Split } from '../prompt/split.ts';

export const WORLD_IDS = ['tiny', 'instructions'] as const;
export type WorldId = (typeof WORLD_IDS)[number];
/** Suits the embedded model, and needs no GPU. */
export const DEFAULT_WORLD: WorldId = 'tiny';

/** `untouched`: prompts of the families that no run trains on. */
export type WorldSplit = Split | 'untouched';

export interface WorldFamily {
	/** Unique over all worlds. */
	id: string;
	/** Name on the page. */
	name: string;
	/** One sentence: the task, and the usual flaw of answers. */
	describe: string;
}

export interface WorldPrompt {
	/** `w-` and eight hexadecimal digits of the text's hash. */
	id: string;
	text: string;
	family: string;
}

export interface WorldPromptOptions {
	count: number;
	seed: number;
	split: WorldSplit;
	/** Ids of the families to use; all families of the split if absent or empty. */
	families?: readonly string[];
}

export interface WorldCheck {
	name: string;
	passed: boolean;
	/** Share of the score; a prompt's weights sum to 1. */
	weight: number;
	/** One sentence. */
	reason: string;
}

export interface WorldScore {
	/** Sum of the weights of the passed checks, in [0, 1]; exactly 1 if all passed. */
	score: number;
	/** Id of the prompt's family. */
	family: string;
	checks: WorldCheck[];
	/** True if the answer does exactly as the prompt says. */
	strict: boolean;
	/** True if the answer, or the answer without marks or framing lines around it, does as the prompt says. */
	loose: boolean;
}

export interface WorldRevision {
	revised: string;
	/**
	 * Two or three sentences: the merits, the faults with the words concerned, and whether the rest may stay.
	 */
	reasoning: string;
	/** False if the answer passed every check and is returned unchanged. */
	changed: boolean;
}

/** An answer that no rule can mend. */
export interface WorldRefusal {
	/** One sentence. */
	refused: string;
}

/** How a model of the embedded cast writes its answers. */
export interface Habits {
	/** Share of flawed answers, in [0, 1]. */
	flawed: number;
	/** `own`: as the embedded model writes. `foreign`: in another manner that the rubric accepts as well. */
	manner: 'own' | 'foreign';
}

/** An edit to show before there is a run. */
export interface WorldExample {
	prompt: string;
	/** An answer with a typical flaw, and its revision. */
	flawed: string;
	revised: string;
	/** A sentence on the ability that the model has and often does not use. */
	lesson: string;
}

export interface World {
	readonly id: WorldId;
	/** Name on the page, within a sentence. */
	readonly title: string;
	/** One sentence for the page. */
	readonly describe: string;
	readonly example: WorldExample;
	/** Families to train on, in the order the page lists them. */
	readonly families: readonly WorldFamily[];
	/** Families that no run trains on; their score shows the side effects of training. */
	readonly untouched: readonly WorldFamily[];
	/** Prompts of no family, whose answers show the side effects of training; empty if the world’s models know nothing else. */
	readonly panel: readonly string[];
	/**
	 * Draws distinct prompts, an equal share from each family. The same options give the same prompts, and a larger count
	 * only appends.
	 *
	 * @throws AppError `world-family-unknown` · `world-exhausted` if the families hold fewer prompts
	 */
	prompts(options: WorldPromptOptions): WorldPrompt[];
	/** Null if the prompt is not of this world: such a prompt has no rubric. */
	score(promptText: string, answer: string): WorldScore | null;
	/**
	 * Returns an answer with a minimal edit that passes every check, or a refusal; null if the prompt is not of this world.
	 *
	 * @param seed chooses among the phrasings of the reasoning; the revised text does not depend on it
	 */
	revise(promptText: string, answer: string, seed: number): WorldRevision | WorldRefusal | null;
	/**
	 * Answers a prompt as a model with these habits does, right or flawed; a refusal if no rule can write a right answer, and null
	 * if the prompt is not of this world.
	 */
	answer(promptText: string, habits: Habits, rng: Rng): string | WorldRefusal | null;
}
