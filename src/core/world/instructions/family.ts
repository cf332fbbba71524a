/**
 * A family of instructions: topics, phrasings, the values that a phrasing is filled with, and the rule that an answer must
 * keep. Read `families/quoted.ts` first: it is the plainest.
 */
import type { WorldRefusal } from '../world.ts';
import type { Slots } from './phrasing.ts';
import type { Topic } from './topics/pools.ts';

/** The instruction of one prompt. Its methods accept any text. */
export interface Rule {
	/** Null if the answer does exactly as the prompt says; else a sentence that quotes the wrong words or counts. */
	fault(answer: string): string | null;
	/**
	 * An answer that keeps the rule and as much as possible of the given one, without new content, or a refusal. The caller checks
	 * it again.
	 */
	mend(answer: string): string | WorldRefusal;
	/** A sentence on the mend, for the reasoning. */
	readonly remedy: string;
}

export interface InstructionFamily {
	id: string;
	/** Name on the page. */
	name: string;
	/** One sentence: the instruction, and the usual flaw of answers. */
	describe: string;
	topics: readonly Topic[];
	/** At least six; training uses all but the last {@link HELD_OUT_PHRASINGS}. */
	phrasings: readonly string[];
	/** The values of the family's own slots, one of which is drawn; `[{}]` if it has none. */
	values: readonly Slots[];
	/** Slots that depend on the topic, such as its noun. */
	topicSlots?(topic: Topic): Slots;
	rule(slots: Slots, topic: Topic): Rule;
	/** Fewest words of an answer; shorter answers keep no rule. */
	fewestWords: number;
}

/** Phrasings at the end of a family's list that no training prompt has. */
export const HELD_OUT_PHRASINGS = 2;

export const refuse = (reason: string): WorldRefusal => ({ refused: reason });
