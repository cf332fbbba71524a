/** Answerers of held-out prompts: the compute engine, many at once, or WebLLM, one after the other with the adapter written in. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { Cancelled } from '#core/errors.ts';
import type { HeldOutEngine } from '#core/evaluation/evaluation.ts';
import type { Message, Sampling } from '#core/output/output.ts';
import type { ComputeEngine, TargetModel } from '#core/ports.ts';

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
	/** @throws Cancelled · the engine's errors */
	answer(request: AnswerRequest, onReply: () => void, signal: AbortSignal): Promise<readonly string[]>;
}

export function computeAnswerer(compute: ComputeEngine): Answerer {
	return {
		engine: 'compute',
		chunk: 128,
		answer: async (request, onReply, signal) => {
			const replies = await compute.generate(request, onReply, signal);
			if (signal.aborted) throw new Cancelled();
			return replies.map(({ text }) => text);
		},
	};
}

/** @param inTurn runs work when the engine is free; afterwards the engine has no adapter */
export function targetAnswerer(
	model: TargetModel,
	inTurn: <T>(work: () => Promise<T>) => Promise<T>,
): Answerer {
	const answer: Answerer['answer'] = async ({ prompts, sampling, adapter, strength }, onReply, signal) => {
		const texts: string[] = [];
		try {
			await model.setAdapter(adapter, adapter === null ? 0 : strength);
			for (const [i, messages] of prompts.entries()) {
				const seed = sampling.seed + i;
				const reply = await model.complete({ messages, sampling: { ...sampling, seed } }, signal);
				if (signal.aborted || reply.finishReason === 'cancelled') throw new Cancelled();
				texts.push(reply.text);
				onReply();
			}
			return texts;
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
