/** Measures the drift of an adapter: a few held-out prompts are answered at temperature 1, and both models read the answers. */
import { driftOf, type Drift, type SampledAnswer } from '#core/evaluation/drift.ts';
import { pairToRead } from '#core/pair/pair.ts';
import type { ComputeEngine } from '#core/ports.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import { inGroups } from '../async/groups.ts';
import type { PauseGate } from '../async/pauseGate.ts';
import { bothLogps } from '../engines/bothLogps.ts';
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
	const { compute, adapter, gate, signal } = request;
	const some = prompts.slice(0, Math.min(MOST_PROMPTS, Math.ceil(prompts.length / SHARE)));
	const answers = await answerPrompts(some, request, gate, signal, () => undefined);
	const sampled = answers.prompts.map((prompt, i) => {
		const text = answers.texts[i] ?? '';
		return pairToRead(prompt, 'drift', { chosen: text, rejected: text });
	});
	const read: SampledAnswer[] = [];
	for await (const pairs of inGroups(sampled, signal, gate)) {
		for (const both of await bothLogps(compute, pairs, adapter))
			if (both !== null) read.push({ policy: both.policy.chosen, reference: both.reference.chosen });
	}
	return driftOf(read);
}
