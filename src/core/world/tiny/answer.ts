/** Answers of the embedded cast: a model with other habits than the embedded one. Pure: the stream decides each answer. */
import type { Rng } from '../../math/rng.ts';
import type { Habits } from '../world.ts';
import { readTask } from './families.ts';
import type { Task } from './family.ts';
import { GENERIC_FLAWS, OTHER_FLAWS, withGenericFlaw } from './flaws.ts';
import { MIX } from './training.ts';

/** Null if the prompt is not of this world. */
export function answerAs(promptText: string, { flawed, manner }: Habits, rng: Rng): string | null {
	const task = readTask(promptText);
	if (task === null) return null;
	const own = manner === 'own';
	const say = (text: string): string => (own ? text : inOtherManner(task, text));
	if (rng.next() >= flawed) return say(task.answer);
	if (rng.next() < MIX.own) return say(task.ownFlaw());
	const base = say(rng.next() < MIX.both ? task.ownFlaw() : task.answer);
	return withGenericFlaw(base, rng, own ? GENERIC_FLAWS : OTHER_FLAWS);
}

function inOtherManner(task: Task, text: string): string {
	return task.otherManner?.(text) ?? text;
}
