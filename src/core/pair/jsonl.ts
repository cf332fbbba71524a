/** Writes preference pairs as TRL's JSONL. importPairs.ts reads them. */
import { writeJsonLines } from '../format/jsonl.ts';
import type { Message } from '../output/output.ts';
import type { PreferencePair } from './pair.ts';

const user = (content: string): Message[] => [{ role: 'user', content }];
const assistant = (content: string): Message[] => [{ role: 'assistant', content }];

/** One `{"prompt", "chosen", "rejected"}` of message lists per line, the data of TRL's DPOTrainer. */
export function writePairsJsonl(pairs: readonly PreferencePair[]): string {
	return writeJsonLines(
		pairs.map(({ prompt, chosen, rejected }) => ({
			prompt: user(prompt.text),
			chosen: assistant(chosen),
			rejected: assistant(rejected),
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
