/**
 * The second model: a model on this machine that revises answers. One GPU serves it and the target, so the target's engines
 * are unloaded before it is loaded, and it is disposed of before they load again.
 */
import { Cancelled } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import { findSecondModel, SECOND_MODELS } from '#core/model/second/registry.ts';
import {
	formFor,
	publishedName,
	secondModelSource,
	type SecondModelEntry,
} from '#core/model/second/secondModel.ts';
import type { ChatModel, ChatRequest, Clock, Progress } from '#core/ports.ts';
import type { AppPorts } from '../ports.ts';
import { batchedChat } from './batchedChat.ts';
import { ComputeTarget } from './computeTarget.ts';
import type { Engines } from './engines.svelte.ts';
import { EngineTurns } from './engineTurns.ts';
import { withRate } from './loadingRate.ts';
import { RestartableCompute, RestartableTarget } from './restartable.ts';
import {
	engineHeld,
	loadingFailed,
	needsWebGpu,
	secondModelAtWork,
	unknownSecondModel,
} from './secondModelErrors.ts';

/** A published model with its list entry, or a model of the catalogue. */
interface Found {
	source: ModelSource;
	entry: SecondModelEntry | null;
}

export class SecondModel {
	readonly #engines: Engines;
	readonly #clock: Clock;
	readonly #webllm: RestartableTarget;
	readonly #compute: RestartableCompute;
	readonly #loadings = new EngineTurns();
	#loaded: { id: string; title: string; model: ChatModel } | null = null;
	/** Runs that revise with it now. */
	#users = 0;

	/** Progress while it is loaded; null otherwise. */
	progress: Progress | null = $state.raw(null);

	constructor(ports: Pick<AppPorts, 'newTarget' | 'newCompute' | 'clock'>, engines: Engines) {
		this.#engines = engines;
		this.#clock = ports.clock;
		const lost = (): void => void (this.#loaded = null);
		this.#webllm = new RestartableTarget(ports.newTarget, lost);
		this.#compute = new RestartableCompute(ports.newCompute, lost);
		engines.makeRoom = () => this.#makeRoom();
	}

	/**
	 * Checks without loading whether a model can revise here.
	 *
	 * @throws AppError `second-model-unknown` · `second-model-webgpu`
	 */
	async expect(id: string): Promise<void> {
		await this.#find(id);
	}

	/** A model for single questions outside of a run. It is loaded at the first, and stays until the target is loaded. */
	chat(id: string): ChatModel {
		return {
			id: this.#nameOf(id),
			complete: async (request, signal, onText) => {
				const model = await this.#open(id, false, signal);
				return model.complete(request, signal, onText);
			},
		};
	}

	/**
	 * Runs a run's work with the model loaded, and disposes of it afterwards. The target's engines stay unloaded, unless other
	 * runs use them.
	 *
	 * @throws AppError of `expect` · `second-model-files` · `second-model-memory` · Cancelled · the errors of the work
	 */
	async use<T>(id: string, signal: AbortSignal, work: (model: ChatModel) => Promise<T>): Promise<T> {
		this.#users++;
		try {
			return await work(await this.#open(id, true, signal));
		} finally {
			this.#users--;
			if (this.#users === 0) await this.release();
		}
	}

	/** Disposes of the model. Its files stay in the browser's cache. */
	async release(): Promise<void> {
		this.#loaded = null;
		await Promise.all([this.#webllm.dispose(), this.#compute.dispose()]);
	}

	#open(id: string, byRun: boolean, signal: AbortSignal): Promise<ChatModel> {
		return this.#loadings.take(() => this.#load(id, byRun, signal));
	}

	async #load(id: string, byRun: boolean, signal: AbortSignal): Promise<ChatModel> {
		if (signal.aborted) throw new Cancelled();
		if (this.#loaded?.id === id) return this.#loaded.model;
		const found = await this.#find(id);
		const { title } = found.source;
		if (!byRun && this.#engines.held) throw engineHeld(title);
		await this.release();
		if (!this.#engines.shared) await this.#engines.unload();
		try {
			const model = await this.#start(found, signal);
			this.#loaded = { id, title, model };
			return model;
		} catch (error) {
			await this.release();
			throw loadingFailed(error, title, this.#memoryOf(found));
		} finally {
			this.progress = null;
		}
	}

	/** WebLLM, or the compute engine if WebLLM has no library for the model. */
	async #start({ source, entry }: Found, signal: AbortSignal): Promise<ChatModel> {
		const rated = withRate(this.#clock, `Loading ${source.title}`);
		const show = (progress: Progress): void => void (this.progress = rated(progress));
		if (this.#hasWebGpu) {
			try {
				await this.#webllm.load(source, show, signal);
				return oneByOne(source.id, this.#webllm, entry);
			} catch (error) {
				if (entry !== null || signal.aborted || error instanceof Cancelled) throw error;
				await this.#webllm.dispose();
			}
		}
		await this.#compute.load(source, show, signal);
		const target = new ComputeTarget(this.#compute);
		await target.load(source);
		return batchedChat(target);
	}

	async #find(id: string): Promise<Found> {
		const entry = findSecondModel(id);
		if (entry !== null) {
			if (!this.#hasWebGpu) throw needsWebGpu(entry.title);
			return { source: secondModelSource(entry, this.#form), entry };
		}
		// The user may have added the model since the catalogue was read.
		const inCatalogue = () => this.#engines.models.find((model) => model.id === id);
		if (inCatalogue() === undefined) await this.#engines.readCatalogue();
		const source = inCatalogue();
		if (source !== undefined) return { source, entry };
		throw unknownSecondModel(
			id,
			[...SECOND_MODELS, ...this.#engines.models].map((model) => model.id),
		);
	}

	/** Called before the target is loaded. */
	async #makeRoom(): Promise<void> {
		if (this.#users === 0) await this.release();
		else if (!this.#engines.shared) throw secondModelAtWork(this.#loaded?.title ?? 'The second model');
	}

	#memoryOf({ entry }: Found): number | null {
		return entry === null ? null : entry.forms[this.#form].memoryBytes;
	}

	/** The name that the revisions keep: of a published model, with its form. */
	#nameOf(id: string): string {
		const entry = findSecondModel(id);
		return entry === null ? id : publishedName(entry, this.#form);
	}

	get #form() {
		return formFor(this.#engines.device?.features ?? []);
	}

	get #hasWebGpu(): boolean {
		return this.#engines.device?.backend === 'webgpu';
	}
}

/** WebLLM answers one chat at a time. */
function oneByOne(id: string, target: RestartableTarget, entry: SecondModelEntry | null): ChatModel {
	const asked = (request: ChatRequest): ChatRequest =>
		entry?.thinks === true ? { ...request, thinking: false } : request;
	return {
		id,
		atOnce: 1,
		complete: (request, signal, onText) => target.complete(asked(request), signal, onText),
	};
}
