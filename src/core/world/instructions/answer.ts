/**
 * Answers of the embedded cast to instructions: a short draft about the topic, changed to the form that the prompt asks for.
 * A draft says nothing particular, because a rule knows nothing about the topic; what it shows is the form.
 */
import type { Rng } from '../../math/rng.ts';
import type { Habits, WorldRefusal } from '../world.ts';
import { mended, scoreInstruction } from './check.ts';
import { refuse } from './family.ts';
import { readInstruction } from './instruction.ts';
import { upperFirst } from './text/sentences.ts';
import type { Topic } from './topics/pools.ts';

/** Drafts of four short sentences, so that some fit any limit of words; `{}` is the topic. */
const DRAFTS: Readonly<Record<Habits['manner'], readonly string[]>> = {
	own: [
		'This is about {}. Many people know it well. It helps to look at it closely. There is always more to learn.',
		'There is a lot to say about {}. It is part of daily life. People talk about it often. A closer look is worth the time.',
	],
	foreign: [
		'Few people agree about {}. One finds it in many places. Some like it more than others. In the end it depends on the person.',
		'Much was written about {}. Experts have studied it for years. Beginners find it simple at first. The details take some practice.',
	],
};
/** Names for things that need one. */
const NAMES: Readonly<Record<Habits['manner'], readonly string[]>> = {
	own: ['The Golden Anchor', 'Blue Harbour', 'Morning Star', 'The Little Lantern'],
	foreign: ['Casa Luna', 'North and Pine', 'Willow House', 'Sunny Side'],
};

/** @returns a refusal if a draft cannot be changed to the form; null if the prompt is not of this world */
export function answerInstruction(
	promptText: string,
	{ flawed, manner }: Habits,
	rng: Rng,
): string | WorldRefusal | null {
	const instruction = readInstruction(promptText);
	if (instruction === null) return null;
	const draft = rng.pick(DRAFTS[manner]).replace('{}', draftTopic(instruction.topic));
	const name = rng.pick(NAMES[manner]);
	if (rng.next() < flawed) return upperFirst(draft);
	for (const text of [draft, name]) {
		const right = mended(instruction, text);
		if (typeof right === 'string' && scoreInstruction(promptText, right)?.strict === true) return right;
	}
	return refuse(
		'a rule knows too little about this topic to write an answer in the form that the prompt asks for.',
	);
}

/** The topic as a noun phrase: “the sea”, “how a bicycle works”, “how to sleep better”. */
function draftTopic({ subject, requests }: Topic): string {
	const [request = ''] = requests;
	return /\bhow to /.test(request) ? `how to ${subject}` : subject;
}
