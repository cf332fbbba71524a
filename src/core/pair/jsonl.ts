/** Preference pairs as TRL's JSONL, both ways. Rows of any TRL shape are read (trl.ts); the conversational one is written. */
import type { PairText } from '../batch/tokenize.ts';
import { asAppError, FormatError } from '../errors.ts';
import { type JsonLine, readJsonLines, writeJsonLines } from '../format/jsonl.ts';
import { hash32 } from '../math/hash.ts';
import type { Message } from '../output/output.ts';
import type { SkippedRow } from '../prompt/prompt.ts';
import { contentKey } from './build.ts';
import type { PreferencePair } from './pair.ts';
import { readTrlRow } from './trl.ts';

const user = (content: string): Message[] => [{ role: 'user', content }];
const assistant = (content: string): Message[] => [{ role: 'assistant', content }];

/** One `{"prompt", "chosen", "rejected"}` of message lists a line: what TRL's DPOTrainer takes. */
export function writePairsJsonl(pairs: readonly PreferencePair[]): string {
	return writeJsonLines(
		pairs.map(({ prompt, chosen, rejected }) => ({
			prompt: user(prompt.text),
			chosen: assistant(chosen),
			rejected: assistant(rejected),
		})),
	);
}

/** Two `{"prompt", "completion", "label"}` a pair: what TRL's KTOTrainer takes. */
export function writeUnpairedJsonl(pairs: readonly PreferencePair[]): string {
	return writeJsonLines(
		pairs.flatMap(({ prompt, chosen, rejected }) => [
			{ prompt: user(prompt.text), completion: assistant(chosen), label: true },
			{ prompt: user(prompt.text), completion: assistant(rejected), label: false },
		]),
	);
}

interface Texts {
	prompt: string;
	chosen: string;
	rejected: string;
}

/** The three texts of a row with one question and one answer; a text that says what else it is. */
function singleTurn(row: PairText): Texts | string {
	if (row.form === 'text') return row;
	const [question, ...more] = row.prompt;
	if (question?.role !== 'user' || more.length > 0) {
		return 'the conversation has more than one question, or a system message; only single questions can be trained here';
	}
	const [chosen, rejected] = [row.chosen, row.rejected].map((side) =>
		side.length === 1 ? side[0] : undefined,
	);
	if (chosen?.role !== 'assistant' || rejected?.role !== 'assistant') {
		return 'a side is not one answer of the assistant';
	}
	return { prompt: question.content, chosen: chosen.content, rejected: rejected.content };
}

function readRow(line: JsonLine): Texts | string {
	if (!line.ok) return line.reason;
	if (typeof line.value !== 'object' || line.value === null || Array.isArray(line.value))
		return 'not a JSON object';
	try {
		const texts = singleTurn(readTrlRow(line.value as Record<string, unknown>));
		if (typeof texts === 'string') return texts;
		if (texts.prompt.trim() === '') return 'the prompt is empty';
		return texts.chosen === texts.rejected ? 'chosen and rejected are the same' : texts;
	} catch (thrown) {
		// A row in another form is set aside with the reason; anything but that is a fault of ours and goes on.
		const error = asAppError(thrown);
		if (error instanceof FormatError) return error.message;
		throw error;
	}
}

/**
 * Reads pairs from JSONL. Rows that cannot be used are listed with line and reason.
 *
 * @param source the file's name, for the message
 * @throws FormatError when no row can be used
 */
export function readPairsJsonl(
	text: string,
	source: string,
): { pairs: readonly PreferencePair[]; skipped: readonly SkippedRow[] } {
	const pairs: PreferencePair[] = [];
	const skipped: SkippedRow[] = [];
	const seen = new Set<string>();
	const perPrompt = new Map<string, number>();
	for (const line of readJsonLines(text)) {
		const row = readRow(line);
		if (typeof row === 'string') {
			skipped.push({ line: line.line, text: line.text, reason: row });
			continue;
		}
		const promptId = `u-${hash32(row.prompt).toString(16).padStart(8, '0')}`;
		const prompt = { id: promptId, text: row.prompt, family: null };
		const pair: PreferencePair = { ...row, id: promptId, prompt, method: 'imported', edited: false };
		const key = contentKey(pair);
		if (seen.has(key)) {
			skipped.push({ line: line.line, text: line.text, reason: 'the same pair came before' });
			continue;
		}
		seen.add(key);
		const count = (perPrompt.get(promptId) ?? 0) + 1;
		perPrompt.set(promptId, count);
		pairs.push(count === 1 ? pair : { ...pair, id: `${promptId}-${count}` });
	}
	if (pairs.length > 0) return { pairs, skipped };
	const first = skipped[0];
	const why = first === undefined ? 'it is empty' : `line ${first.line}: ${first.reason}`;
	throw new FormatError(`${source} holds no usable pair: ${why}.`, {
		code: 'pairs-none',
		hint: 'Each line is {"prompt", "chosen", "rejected"} with texts or lists of {"role", "content"}.',
		context: { source, skipped: skipped.length },
	});
}
