/** Measures the drift of an adapter: a few held-out prompts are answered at temperature 1, and both models read the answers. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { isRowFault } from '#core/batch/rowFaults.ts';
import { asAppError, Cancelled } from '#core/errors.ts';
import { driftOf, type Drift, type SampledAnswer } from '#core/evaluation/drift.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { ComputeEngine } from '#core/ports.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { PauseGate } from '../async/pauseGate.ts';
import { answerPrompts, type AnswersRequest } from './heldOutAnswers.ts';

/** One prompt in eight, at most 32, so that the measurement is a small part of an evaluation. */
const SHARE = 8;
const MOST_PROMPTS = 32;

export interface DriftRequest extends AnswersRequest {
	compute: ComputeEngine;
	gate: PauseGate;
	signal: AbortSignal;
}

/** @returns null if no answer could be read. @throws Cancelled · the engine's errors */
export async function measureDrift(prompts: readonly Prompt[], request: DriftRequest): Promise<Drift | null> {
	const { gate, signal } = request;
	const some = prompts.slice(0, Math.min(MOST_PROMPTS, Math.ceil(prompts.length / SHARE)));
	const answers = await answerPrompts(some, request, gate, signal, () => undefined);
	const read: SampledAnswer[] = [];
	for (const [i, prompt] of answers.prompts.entries()) {
		await gate.pass(signal);
		const one = await readAnswer(prompt, answers.texts[i] ?? '', request);
		if (signal.aborted) throw new Cancelled();
		if (one !== null) read.push(one);
	}
	return driftOf(read);
}

/** Null if the model cannot read the answer. */
async function readAnswer(
	prompt: Prompt,
	text: string,
	{ compute, adapter }: { compute: ComputeEngine; adapter: Adapter | null },
): Promise<SampledAnswer | null> {
	// The engine reads the sides of a pair; here both are the answer.
	const sides = { chosen: text, rejected: text, method: 'drift', from: null, edited: false };
	const pair: PreferencePair = { id: `${prompt.id}.drift`, prompt, ...sides };
	try {
		const reference = (await compute.tokenLogps(pair, null)).chosen;
		const policy = adapter === null ? reference : (await compute.tokenLogps(pair, adapter)).chosen;
		return { policy, reference };
	} catch (error) {
		if (isRowFault(asAppError(error))) return null;
		throw error;
	}
}
