/**
 * Prompts of the world: distinct, an equal share from each family, split into train and held out by a hash of
 * the text.
 */
import { AppError } from '../../errors.ts';
import { hash32 } from '../../math/hash.ts';
import { rng, type Rng } from '../../math/rng.ts';
import { families as allFamilies } from './families.ts';
import type { Family } from './family.ts';

export type Split = 'train' | 'heldOut';

export interface WorldPrompt {
	/** `w-` and eight hexadecimal digits of the text's hash. */
	id: string;
	text: string;
	family: string;
}

export interface WorldPromptOptions {
	count: number;
	seed: number;
	split: Split;
	/** Ids of the families to use; all families if absent or empty. */
	families?: readonly string[];
}

/** One prompt in five is held out; no training text and no training prompt uses a held-out prompt. */
const HELD_OUT_SHARE = 5;

/** Consecutive draws without a new prompt after which a family counts as exhausted. */
const PATIENCE = 3000;

export function splitOf(promptText: string): Split {
	return hash32(`split:${promptText}`) % HELD_OUT_SHARE === 0 ? 'heldOut' : 'train';
}

export function promptId(promptText: string): string {
	return `w-${hash32(promptText).toString(16).padStart(8, '0')}`;
}

/**
 * Draws distinct prompts from the families in turn. Each family has its own random stream, so a larger count
 * or fewer families leave the earlier prompts of a family unchanged.
 *
 * @throws AppError if a family's name is unknown or the families hold fewer prompts than `count`
 */
export function worldPrompts(options: WorldPromptOptions): WorldPrompt[] {
	const { count, split } = options;
	let sources = chosen(options.families).map((family) => source(family, options));
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

function chosen(ids: readonly string[] = []): readonly Family[] {
	const unknown = ids.find((id) => !allFamilies.some((family) => family.id === id));
	if (unknown !== undefined) {
		throw new AppError(`The world has no family "${unknown}".`, {
			code: 'world-family-unknown',
			hint: `Choose from ${allFamilies.map((family) => family.id).join(', ')}.`,
			context: { family: unknown },
		});
	}
	return ids.length === 0 ? allFamilies : allFamilies.filter((family) => ids.includes(family.id));
}

/** Returns a new prompt of one family and split per call; null once the family is exhausted. */
function source(family: Family, { seed, split }: WorldPromptOptions): () => WorldPrompt | null {
	const stream = rng(seed).fork(`prompts:${family.id}:${split}`);
	const seen = new Set<string>();
	return () => {
		for (let tries = 0; tries < PATIENCE; tries++) {
			const text = drawFrom(family, stream, split);
			const id = promptId(text);
			if (seen.has(id)) continue;
			seen.add(id);
			return { id, text, family: family.id };
		}
		return null;
	};
}

/** Draws until a prompt belongs to the split. */
export function drawFrom(family: Family, stream: Rng, split: Split): string {
	for (;;) {
		const text = family.draw(stream);
		if (splitOf(text) === split) return text;
	}
}
