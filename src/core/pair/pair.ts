/** Preference pair: the prompt with a chosen and a rejected completion, and the source of each. */
import * as v from 'valibot';
import { idSchema, promptSchema } from '../prompt/prompt.ts';

/** One side's output, revision, or answer of another model. */
const sideSource = v.object({ kind: v.picklist(['output', 'revision', 'answer']), id: v.string() });

export const pairSchema = v.object({
	/** See {@link pairIds}. */
	id: idSchema,
	prompt: promptSchema,
	chosen: v.string(),
	rejected: v.string(),
	/** Id of the data method that built it; see methods/registry.ts. */
	method: v.string(),
	/** Source of each side; null if the pair was imported. */
	from: v.nullable(v.object({ chosen: sideSource, rejected: sideSource })),
	/** True if a person edited the revision. */
	edited: v.boolean(),
	/** Sides without an end token, because the answer was cut; absent if both have one. See cutAnswers.ts. */
	open: v.exactOptional(v.object({ chosen: v.boolean(), rejected: v.boolean() })),
});
export type PreferencePair = v.InferOutput<typeof pairSchema>;

/** Two answers as the sides of a pair, for an engine that reads pairs; it is never trained on. */
export function pairToRead(
	prompt: PreferencePair['prompt'],
	purpose: string,
	answers: { chosen: string; rejected: string },
): PreferencePair {
	return { id: `${prompt.id}.${purpose}`, prompt, ...answers, method: purpose, from: null, edited: false };
}

/** Equal for pairs with the same effect on training. */
export function contentKey({
	prompt,
	chosen,
	rejected,
}: {
	prompt: { text: string };
	chosen: string;
	rejected: string;
}): string {
	return JSON.stringify([prompt.text, chosen, rejected]);
}

/**
 * Gives each pair of a prompt its id, in order: `w-6720ea9e.p1`, `w-6720ea9e.p2`. A method requests an id
 * even for a pair that it leaves out, so that the other ids stay the same.
 */
export function pairIds(): (promptId: string) => string {
	const counts = new Map<string, number>();
	return (promptId) => {
		const n = (counts.get(promptId) ?? 0) + 1;
		counts.set(promptId, n);
		return `${promptId}.p${n}`;
	};
}
