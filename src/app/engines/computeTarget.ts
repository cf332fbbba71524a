/**
 * The target model in the compute engine. Without WebGPU, and so without WebLLM, the same loop samples through
 * it. The adapter is passed with each call instead of being written into an engine.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import { Cancelled, fromWire } from '#core/errors.ts';
import type { Message, Sampling } from '#core/output/output.ts';
import type {
	ChatModel,
	ChatReply,
	ChatRequest,
	ComputeEngine,
	PromptReply,
	TargetModel,
} from '#core/ports.ts';

/** A model that answers many prompts in one call; row i draws from seed + i. A prompt can be refused by itself. */
export interface BatchModel extends ChatModel {
	completeMany(
		prompts: readonly (readonly Message[])[],
		sampling: Sampling,
		onReply: (index: number, reply: PromptReply) => void,
		signal: AbortSignal,
	): Promise<void>;
}

export function isBatchModel<Model extends ChatModel>(model: Model): model is Model & BatchModel {
	return 'completeMany' in model;
}

export class ComputeTarget implements TargetModel, BatchModel {
	readonly #compute: ComputeEngine;
	#modelId = '';
	#adapter: Adapter | null = null;
	#strength = 0;

	constructor(compute: ComputeEngine) {
		this.#compute = compute;
	}

	get id(): string {
		return this.#modelId;
	}

	/** The engine already holds the weights, so only the name is stored. */
	load(source: { id: string }): Promise<void> {
		this.#modelId = source.id;
		return Promise.resolve();
	}

	setAdapter(adapter: Adapter | null, strength: number): Promise<void> {
		this.#adapter = strength === 0 ? null : adapter;
		this.#strength = adapter === null ? 0 : strength;
		return Promise.resolve();
	}

	async complete(
		request: ChatRequest,
		signal: AbortSignal,
		onText?: (textSoFar: string) => void,
	): Promise<ChatReply> {
		const replies: PromptReply[] = [];
		await this.completeMany([request.messages], request.sampling, (_, reply) => replies.push(reply), signal);
		const reply = replies.at(-1);
		if (reply === undefined) throw new Cancelled();
		if ('refused' in reply) throw fromWire(reply.refused);
		onText?.(reply.text);
		return reply;
	}

	async completeMany(
		prompts: readonly (readonly Message[])[],
		sampling: Sampling,
		onReply: (index: number, reply: PromptReply) => void,
		signal: AbortSignal,
	): Promise<void> {
		const request = { prompts, sampling, adapter: this.#adapter, strength: this.#strength };
		await this.#compute.generate(request, onReply, signal);
	}

	/** The caller owns the engine and disposes of it. */
	dispose(): Promise<void> {
		return Promise.resolve();
	}
}
