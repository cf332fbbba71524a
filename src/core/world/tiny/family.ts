/**
 * A family of the closed world: a generator of prompts, and a reader that turns a prompt's text back into a
 * task with its correct answer, its named checks, its repair and its own flaw. A task depends on the prompt's
 * text alone, because the embedded reviser receives nothing else. Read `families/sorting.ts` first: it is the
 * plainest.
 *
 * Any other judge or reviser of the world can be built on the same `Task`.
 */
import type { Rng } from '../../math/rng.ts';

/** One named check applied to one text. */
export interface Finding {
	name: string;
	/** Share of the score; the weights of a task's checks sum to 1. */
	weight: number;
	passed: boolean;
	/** The merit, worded to follow "The student …"; shown if the check passed. */
	praise: string;
	/** A sentence that quotes the wrong words; shown if the check failed. */
	fault: string;
}

/** A prompt that `read` recognised. Every method accepts any text. */
export interface Task {
	family: string;
	/** A correct answer; the checks may accept others. */
	answer: string;
	/** Applies the rubric, in a fixed order with the check of the family's own skill first. */
	check(text: string): readonly Finding[];
	/** Returns a text that passes every check and keeps the right parts of the given one. */
	repair(text: string): string;
	/** Returns the answer with the family's own, systematic flaw. */
	ownFlaw(): string;
	/** Rewrites an answer in another manner that the checks accept as well; absent if the family has only one. */
	otherManner?(text: string): string;
}

export interface Family {
	id: string;
	/** Name on the page. */
	name: string;
	/** One sentence: the question, and the look of the flawed answers. */
	describe: string;
	/** Name of the check that the family's own flaw fails. */
	ownCheck: string;
	/** How often the family occurs in the training text, relative to the others: harder skills need more practice. */
	practice: number;
	/** Draws a prompt; `read` recognises every prompt that `draw` returns. */
	draw(rng: Rng): string;
	/** Returns the task, or null if the text is not a prompt of this family. */
	read(promptText: string): Task | null;
}

/** Weights of the three checks that most families share: the family's own skill, completeness and form. */
export const WEIGHTS = { skill: 0.7, whole: 0.15, form: 0.15 } as const;
