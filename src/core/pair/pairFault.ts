/** Why two texts are no preference pair. */
import { differVisibly, isInvisible, visible } from '../format/visible.ts';
import { textFault } from '../prompt/messages.ts';

export interface PairTexts {
	prompt: string;
	chosen: string;
	rejected: string;
}

/** Answers that differ in nothing but spaces and line ends teach a model nothing that a reader sees. */
const inSpaces = (text: string): string => text.replaceAll(/\s+/gu, ' ').trim();

/** Why texts are no pair, or no labelled answer; null if they are. */
export function pairFault(
	{ prompt, chosen, rejected }: PairTexts,
	kind: 'pair' | 'answer' = 'pair',
): string | null {
	if (isInvisible(prompt)) return 'the prompt is empty';
	const sides = kind === 'pair' ? { prompt, chosen, rejected } : { prompt, completion: chosen };
	for (const [name, text] of Object.entries(sides)) {
		if (isInvisible(text)) return `“${name}” is empty`;
		const fault = textFault(text);
		if (fault !== null) return `“${name}” ${fault}`;
	}
	if (kind === 'answer' || differVisibly(chosen, rejected)) return null;
	if (chosen === rejected) return 'chosen and rejected are the same';
	if (inSpaces(chosen) === inSpaces(rejected)) return 'chosen and rejected differ in spaces only';
	return visible(chosen) === visible(rejected)
		? 'chosen and rejected look the same: they differ in invisible characters or in their Unicode form only'
		: null;
}
