/**
 * The target model of the page: WebLLM, and the compute engine in its place where WebLLM cannot apply the adapter, or while WebLLM's
 * copy of the weights is freed. Work takes turns (engineTurns.ts), so the engine changes only between two turns.
 */
import { adapterPlacement } from '#core/adapter/placement.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import type { ModelLibrary, ModelSource } from '#core/model/model.ts';
import type { ChatReply, ChatRequest, Progress, TargetModel } from '#core/ports.ts';
import type { ComputeTarget } from './computeTarget.ts';

export class AnsweringTarget implements TargetModel {
	readonly #webllm: TargetModel;
	readonly #compute: ComputeTarget;
	#library: ModelLibrary | null = null;
	#isFreed = false;
	/** The engine that has the adapter of this turn. */
	#current: TargetModel;

	constructor(webllm: TargetModel, compute: ComputeTarget) {
		this.#webllm = webllm;
		this.#compute = compute;
		this.#current = webllm;
	}

	get id(): string {
		return this.#current.id;
	}

	async load(
		source: ModelSource,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<void> {
		await this.#webllm.load(source, onProgress, signal);
		await this.#compute.load(source);
		this.#library = source.library;
		this.#isFreed = false;
		this.#current = this.#webllm;
	}

	/** Frees WebLLM's copy of the weights; the compute engine answers until the next `load`. */
	async free(): Promise<void> {
		this.#isFreed = true;
		this.#current = this.#compute;
		await this.#webllm.dispose();
	}

	async setAdapter(adapter: Adapter | null, strength: number): Promise<void> {
		const rank = adapter === null || strength === 0 ? 0 : adapter.config.rank;
		const computes = this.#isFreed || (rank > 0 && adapterPlacement(this.#library, rank) === 'compute');
		this.#current = computes ? this.#compute : this.#webllm;
		await this.#current.setAdapter(adapter, strength);
	}

	complete(
		request: ChatRequest,
		signal: AbortSignal,
		onText?: (textSoFar: string) => void,
	): Promise<ChatReply> {
		return this.#current.complete(request, signal, onText);
	}

	async dispose(): Promise<void> {
		this.#current = this.#webllm;
		this.#isFreed = false;
		await this.#webllm.dispose();
	}
}
