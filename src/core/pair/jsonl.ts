/** Writes preference pairs as TRL's JSONL. importPairs.ts reads them. */
import { writeJsonLines } from '../format/jsonl.ts';
import type { Message } from '../output/output.ts';
import type { PreferencePair } from './pair.ts';

const user = (content: string): Message[] => [{ role: 'user', content }];
const assistant = (content: string): Message[] => [{ role: 'assistant', content }];

/** A pair as TRL's DPOTrainer reads it: lists of messages. */
export function trlRow({ prompt, chosen, rejected }: PreferencePair) {
	return { prompt: user(prompt.text), chosen: assistant(chosen), rejected: assistant(rejected) };
}

/**
 * One `{"prompt", "chosen", "rejected"}` of message lists per line, the data of TRL's DPOTrainer. If an answer was cut and has no
 * end, every row also has `"open": {"chosen", "rejected"}`, which importPairs.ts reads. TRL ignores it, and puts an end token
 * after every answer.
 */
export function writePairsJsonl(pairs: readonly PreferencePair[]): string {
	const hasOpen = pairs.some(({ open }) => open !== undefined);
	return writeJsonLines(
		pairs.map((pair) => ({
			...trlRow(pair),
			...(hasOpen ? { open: pair.open ?? { chosen: false, rejected: false } } : {}),
		})),
	);
}

/** Two `{"prompt", "completion", "label"}` per pair, the data of TRL's KTOTrainer. */
export function writeUnpairedJsonl(pairs: readonly PreferencePair[]): string {
	return writeJsonLines(
		pairs.flatMap(({ prompt, chosen, rejected }) => [
			{ prompt: user(prompt.text), completion: assistant(chosen), label: true },
			{ prompt: user(prompt.text), completion: assistant(rejected), label: false },
		]),
	);
}
