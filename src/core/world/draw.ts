/** Parts of drawing prompts that all worlds share. */
import { AppError } from '../errors.ts';
import { hash32 } from '../math/hash.ts';
import type { WorldPrompt } from './world.ts';

/** Returns a new prompt of one family per call; null once the family is exhausted. */
export type PromptSource = () => WorldPrompt | null;

/** Consecutive draws without a new prompt after which a family counts as exhausted. */
const PATIENCE = 3000;

export function promptId(promptText: string): string {
	return `w-${hash32(promptText).toString(16).padStart(8, '0')}`;
}

/** @param draw returns a random prompt of the family */
export function distinctPrompts(family: string, draw: () => string): PromptSource {
	const seen = new Set<string>();
	return () => {
		for (let tries = 0; tries < PATIENCE; tries++) {
			const text = draw();
			const id = promptId(text);
			if (seen.has(id)) continue;
			seen.add(id);
			return { id, text, family };
		}
		return null;
	};
}

/**
 * Takes prompts from the sources in turn; a source that is exhausted drops out.
 *
 * @param split for the message
 * @throws AppError `world-exhausted`
 */
export function drawInTurn(all: readonly PromptSource[], count: number, split: string): WorldPrompt[] {
	let sources = all;
	const prompts: WorldPrompt[] = [];
	while (prompts.length < count && sources.length > 0) {
		sources = sources.filter((next) => {
			const prompt = prompts.length < count ? next() : null;
			if (prompt) prompts.push(prompt);
			return prompt !== null;
		});
	}
	if (prompts.length < count) {
		throw new AppError(
			`The chosen families hold ${prompts.length} ${split} prompts; ${count} were asked for.`,
			{
				code: 'world-exhausted',
				hint: 'Ask for fewer prompts or choose more families.',
				context: { count, found: prompts.length, split },
			},
		);
	}
	return prompts;
}

/**
 * The families with these ids, in the order of `all`; all if there are no ids.
 *
 * @throws AppError `world-family-unknown`
 */
export function chosenFamilies<F extends { id: string }>(
	all: readonly F[],
	ids: readonly string[] = [],
): readonly F[] {
	const unknown = ids.find((id) => !all.some((family) => family.id === id));
	if (unknown !== undefined) {
		throw new AppError(`The world has no family "${unknown}".`, {
			code: 'world-family-unknown',
			hint: `Choose from ${all.map((family) => family.id).join(', ')}.`,
			context: { family: unknown },
		});
	}
	return ids.length === 0 ? all : all.filter((family) => ids.includes(family.id));
}
