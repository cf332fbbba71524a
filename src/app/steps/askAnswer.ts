/** One prompt sent to another model, and its answer. */
import { emptyText, expectText, faultOf } from '#core/batch/rowFaults.ts';
import { toWire, type WireError } from '#core/errors.ts';
import type { Output } from '#core/output/output.ts';
import type { ChatModel } from '#core/ports.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { AskedModel } from '#core/recipe/askedModel.ts';
import { isEngineLoss } from '../engines/engineLoss.ts';

export interface AnswerRow {
	/** The id that its answer has, or will have. */
	id: string;
	prompt: Prompt;
	/** Place of the model among those that answer. */
	by: number;
	state: 'waiting' | 'asking' | 'done' | 'failed';
	/** The answer so far. */
	text: string;
	output: Output | null;
	error: WireError | null;
	attempts: number;
}

/**
 * @returns the row in its new state; a failed request is a state with its error
 * @throws Cancelled when the signal fires · the loss of the engine that holds a second model
 */
export async function askAnswer(
	row: AnswerRow,
	model: ChatModel,
	{ temperature, maxTokens, seed }: Pick<AskedModel, 'temperature' | 'maxTokens' | 'seed'>,
	signal: AbortSignal,
	onText: (text: string) => void,
): Promise<AnswerRow> {
	const { id, prompt } = row;
	const attempts = row.attempts + 1;
	const sampling = { temperature, topP: 1, maxTokens, seed: (seed + row.attempts * 1_000_003) % 2 ** 31 };
	try {
		expectText(prompt.text);
		const request = { messages: [{ role: 'user' as const, content: prompt.text }], sampling };
		const { text, finishReason, tokens } = await model.complete(request, signal, onText);
		if (text.trim() === '')
			return { ...row, attempts, state: 'failed', text: '', error: faultOf(emptyText('answer')) };
		const output = { id, prompt, text, finishReason, model: model.id, sampling, tokens };
		return { ...row, attempts, state: 'done', text, output, error: null };
	} catch (error) {
		if (signal.aborted || isEngineLoss(error)) throw error;
		return { ...row, attempts, state: 'failed', text: '', error: toWire(error) };
	}
}
