/**
 * Prompts of instructions. A held-out prompt has a topic and a phrasing that no training prompt has; an untouched prompt is
 * from a family without training prompts.
 */
import { rng, type Rng } from '../../math/rng.ts';
import { chosenFamilies, distinctPrompts, drawInTurn } from '../draw.ts';
import type { WorldPrompt, WorldPromptOptions, WorldSplit } from '../world.ts';
import { trained, untouched } from './families.ts';
import {
	indexedFamilies,
	isHeldOutPhrasing,
	isHeldOutTopic,
	slotsOf,
	type IndexedFamily,
} from './instruction.ts';

/** Each family has its own random stream, as in the tiny world. */
export function instructionPrompts({ count, seed, split, families }: WorldPromptOptions): WorldPrompt[] {
	const chosen = new Set(split === 'untouched' ? untouched : chosenFamilies(trained, families));
	const sources = indexedFamilies
		.filter(({ family }) => chosen.has(family))
		.map((each) => {
			const stream = rng(seed).fork(`prompts:${each.family.id}:${split}`);
			return distinctPrompts(each.family.id, drawer(each, split, stream));
		});
	return drawInTurn(sources, count, split);
}

/** Prompts of untouched families have any topic and phrasing. */
function drawer({ family, phrasings }: IndexedFamily, split: WorldSplit, stream: Rng): () => string {
	const fits = (isHeldOut: boolean): boolean => split === 'untouched' || isHeldOut === (split === 'heldOut');
	const topics = family.topics.filter((topic) => fits(isHeldOutTopic(topic)));
	const forms = phrasings.filter((_form, index) => fits(isHeldOutPhrasing(family, index)));
	return () => {
		const topic = stream.pick(topics);
		const slots = slotsOf(family, topic, stream.pick(topic.requests), stream.pick(family.values));
		return stream.pick(forms).write(slots);
	};
}
