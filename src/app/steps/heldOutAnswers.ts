/** Held-out prompts answered in chunks that can be paused in between; prompts without an answer are named. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { rowFault, type RowFault } from '#core/batch/rowFaults.ts';
import { fromWire } from '#core/errors.ts';
import type { Sampling } from '#core/output/output.ts';
import type { PromptReply } from '#core/ports.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { Answerer } from '../engines/answerer.ts';
import type { PauseGate } from '../async/pauseGate.ts';
import { messagesFor } from './outputStep.svelte.ts';

export interface AnswersRequest {
	adapter: Adapter | null;
	strength: number;
	answerer: Answerer;
	/** Settings of the chunk that starts with prompt `first`: prompt i draws from the seed of the first + i. */
	sampling: (first: number) => Sampling;
}

/** The prompts that were answered, each with its text, and the others with the reason. */
export interface HeldOutAnswers {
	prompts: readonly Prompt[];
	texts: readonly string[];
	/** By prompt id. */
	leftOut: readonly RowFault[];
}

/** @throws Cancelled · the engine's errors */
export async function answerPrompts(
	prompts: readonly Prompt[],
	{ adapter, strength, answerer, sampling }: AnswersRequest,
	gate: PauseGate,
	signal: AbortSignal,
	onReply: () => void,
): Promise<HeldOutAnswers> {
	const replies: PromptReply[] = [];
	for (let first = 0; first < prompts.length; first += answerer.chunk) {
		await gate.pass(signal);
		const some = prompts.slice(first, first + answerer.chunk).map(messagesFor);
		const request = { prompts: some, sampling: sampling(first), adapter, strength };
		replies.push(...(await answerer.answer(request, onReply, signal)));
	}
	return divided(prompts, replies);
}

function divided(prompts: readonly Prompt[], replies: readonly PromptReply[]): HeldOutAnswers {
	const answered: Prompt[] = [];
	const texts: string[] = [];
	const leftOut: RowFault[] = [];
	for (const [i, prompt] of prompts.entries()) {
		const reply = replies[i];
		if (reply === undefined) continue;
		if ('refused' in reply) leftOut.push(rowFault(prompt.id, fromWire(reply.refused)));
		else {
			answered.push(prompt);
			texts.push(reply.text);
		}
	}
	return { prompts: answered, texts, leftOut };
}
