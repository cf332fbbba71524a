/** Answerers of held-out prompts: the compute engine, many at once, or WebLLM, one after the other with the adapter written in. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { expectText, faultOf, isRowFault } from '#core/batch/rowFaults.ts';
import { asAppError, Cancelled } from '#core/errors.ts';
import type { HeldOutEngine } from '#core/evaluation/evaluation.ts';
import type { Message, Sampling } from '#core/output/output.ts';
import type { ChatRequest, ComputeEngine, PromptReply, TargetModel } from '#core/ports.ts';
import { CircuitBreaker } from '../steps/circuitBreaker.ts';
import { isEngineLoss } from './engineLoss.ts';

export interface AnswerRequest {
	prompts: readonly (readonly Message[])[];
	/** Row i draws from seed + i. */
	sampling: Sampling;
	/** Null for the base model. */
	adapter: Adapter | null;
	strength: number;
}

export interface Answerer {
	readonly engine: HeldOutEngine;
	/** Prompts per call; the work can be paused between two calls. */
	readonly chunk: number;
	/**
	 * Answers every prompt, or says why one has no answer.
	 *
	 * @throws Cancelled · an error of the engine that is not about single prompts
	 */
	answer(request: AnswerRequest, onReply: () => void, signal: AbortSignal): Promise<readonly PromptReply[]>;
}

export function computeAnswerer(compute: ComputeEngine): Answerer {
	return {
		engine: 'compute',
		chunk: 128,
		answer: async (request, onReply, signal) => {
			const replies = await compute.generate(request, onReply, signal);
			if (signal.aborted) throw new Cancelled();
			return replies;
		},
	};
}

/** @param inTurn runs work when the engine is free; afterwards the engine has no adapter */
export function targetAnswerer(
	model: TargetModel,
	inTurn: <T>(work: () => Promise<T>) => Promise<T>,
): Answerer {
	const answer: Answerer['answer'] = async ({ prompts, sampling, adapter, strength }, onReply, signal) => {
		const replies: PromptReply[] = [];
		const breaker = new CircuitBreaker();
		try {
			await model.setAdapter(adapter, adapter === null ? 0 : strength);
			for (const [i, messages] of prompts.entries()) {
				const seed = sampling.seed + i;
				replies.push(await replyTo({ messages, sampling: { ...sampling, seed } }, model, breaker, signal));
				onReply();
			}
			return replies;
		} finally {
			await model.setAdapter(null, 0);
		}
	};
	return {
		engine: 'webllm',
		chunk: 8,
		answer: (request, onReply, signal) => inTurn(() => answer(request, onReply, signal)),
	};
}

/** One reply of WebLLM. A prompt that fails by itself is refused; if several fail in the same way, the engine is broken. */
async function replyTo(
	request: ChatRequest,
	model: TargetModel,
	breaker: CircuitBreaker,
	signal: AbortSignal,
): Promise<PromptReply> {
	try {
		expectText(request.messages.at(-1)?.content ?? '');
		const reply = await model.complete(request, signal);
		if (signal.aborted || reply.finishReason === 'cancelled') throw new Cancelled();
		breaker.answered();
		return reply;
	} catch (thrown) {
		const error = asAppError(thrown);
		if (signal.aborted || error instanceof Cancelled || isEngineLoss(thrown)) throw thrown;
		if (!isRowFault(error) && breaker.after(error)) throw error;
		return { refused: faultOf(error) };
	}
}
