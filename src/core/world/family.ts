/**
 * What a family of the closed world is: a generator of prompts, and a reader that turns a prompt's text back into a task
 * with its correct answer, its named checks, its repair and its own flaw. Everything follows from the prompt's text alone,
 * because the reviser is an endpoint that sees nothing else. Read `families/sorting.ts` first: it is the plainest.
 *
 * A judge, a stronger model (another manner of answering) or other models can be written on the same `Task`.
 */
import type { Rng } from '../math/rng.ts';

/** One named check applied to one text. */
export interface Finding {
	name: string;
	/** Share of the score; the weights of a task's checks sum to 1. */
	weight: number;
	passed: boolean;
	/** What the text did well, after "The student …": shown when the check passed. */
	praise: string;
	/** A sentence that quotes the words concerned: shown when it did not. */
	fault: string;
}

/** A prompt that was understood. Every method accepts any text. */
export interface Task {
	family: string;
	/** A correct answer; the checks may accept others. */
	answer: string;
	/** The rubric, in a fixed order, the check of the family's own skill first. */
	check(text: string): readonly Finding[];
	/** A text that passes every check and keeps what is right of the given one. */
	repair(text: string): string;
	/** The answer with the family's own, systematic flaw. */
	ownFlaw(): string;
}

export interface Family {
	id: string;
	/** As the page shows it. */
	name: string;
	/** One sentence: what is asked, and what the flawed answers look like. */
	describe: string;
	/** Name of the check that the family's own flaw fails. */
	ownCheck: string;
	/** How often the family occurs in the training text, relative to the others: harder skills need more practice. */
	practice: number;
	/** A new prompt; `read` understands every one of them. */
	draw(rng: Rng): string;
	/** The task, or null where the text is not a prompt of this family. */
	read(promptText: string): Task | null;
}

/** Weights of the three checks that most families have: the own skill decides, the rest is completeness and form. */
export const WEIGHTS = { skill: 0.7, whole: 0.15, form: 0.15 } as const;
