/**
 * Prompts of a set that are also held out. The split decides by the exact text, so two spellings of one question can be on both
 * sides; training on one would make the score of the other worthless. The training row is left out.
 */
import { visible } from '../format/visible.ts';

/** Signs that may close a question without changing it. */
const CLOSING = new Set('.!?…:;, ');

/** Equal for prompts that differ in capitals, spaces, invisible characters and closing signs only. */
export function questionKey(text: string): string {
	const key = visible(text).toLowerCase();
	let end = key.length;
	while (end > 0 && CLOSING.has(key.charAt(end - 1))) end--;
	return end === 0 ? key : key.slice(0, end);
}

/**
 * The training rows whose question is held out.
 *
 * @param rows in order, with the side of each
 * @returns by index of the training row: the index of the first held-out row with the same question
 */
export function heldOutTwins(
	rows: readonly { prompt: string; heldOut: boolean }[],
): ReadonlyMap<number, number> {
	const held = new Map<string, number>();
	for (const [index, { prompt, heldOut }] of rows.entries()) {
		const key = heldOut ? questionKey(prompt) : '';
		if (heldOut && !held.has(key)) held.set(key, index);
	}
	const twins = new Map<number, number>();
	if (held.size === 0) return twins;
	for (const [index, { prompt, heldOut }] of rows.entries()) {
		const twin = heldOut ? undefined : held.get(questionKey(prompt));
		if (twin !== undefined) twins.set(index, twin);
	}
	return twins;
}

/** Why a training row is left out. */
export function twinReason(line: number): string {
	return `its prompt is also held out: line ${line} asks the same, apart from capitals, spaces or the last sign`;
}
