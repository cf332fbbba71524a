/** Chat: a conversation with the target model, base or tuned, outside of any run. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { toWire, type WireError } from '#core/errors.ts';
import type { Message, Sampling } from '#core/output/output.ts';
import type { TargetModel } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { FrameBatcher } from '../async/frameBatcher.ts';
import type { AppPorts } from '../ports.ts';

export interface ChatSources {
	/** The engine that answers; null while none is loaded, or a run samples with it. */
	model: () => TargetModel | null;
	/** Runs work when the engine is free. */
	inTurn: <T>(work: () => Promise<T>) => Promise<T>;
	adapter: () => Promise<Adapter | null>;
	recipe: () => Recipe;
}

export class Chat {
	readonly #sources: ChatSources;
	readonly #fold: FrameBatcher;
	#messages: Message[] = [];
	#stop: AbortController | null = null;

	question: string = $state('');
	/** The conversation; the last message grows while the model writes it. Replaced at most once per frame. */
	messages: readonly Message[] = $state.raw([]);
	writing: boolean = $state(false);
	/** Strength of the adapter; 0 is the base model. */
	strength: number = $state(0);
	error: WireError | null = $state.raw(null);

	constructor(sources: ChatSources, ports: Pick<AppPorts, 'frame'>) {
		this.#sources = sources;
		this.#fold = new FrameBatcher(ports.frame, () => (this.messages = this.#messages.slice()));
	}

	/** Sends the typed text, or a given one, and streams the answer. */
	async send(text: string = this.question): Promise<void> {
		const model = this.#sources.model();
		const content = text.trim();
		if (model === null || content === '' || this.writing) return;
		this.question = '';
		this.error = null;
		this.writing = true;
		const stop = new AbortController();
		this.#stop = stop;
		const asked: Message[] = [...this.#messages, { role: 'user', content }];
		this.#show([...asked, { role: 'assistant', content: '' }]);
		const { temperature, topP, maxTokens, seed } = this.#sources.recipe().sampling;
		const sampling = { temperature, topP, maxTokens, seed: seed + asked.length };
		try {
			await this.#sources.inTurn(() => this.#answer(model, asked, sampling, stop.signal));
		} catch (error) {
			if (!stop.signal.aborted) this.error = toWire(error);
		} finally {
			this.writing = false;
			this.#show(this.#messages);
		}
	}

	async #answer(
		model: TargetModel,
		asked: Message[],
		sampling: Sampling,
		signal: AbortSignal,
	): Promise<void> {
		const show = (content: string): void => this.#show([...asked, { role: 'assistant', content }]);
		try {
			const adapter = this.strength === 0 ? null : await this.#sources.adapter();
			await model.setAdapter(adapter, adapter === null ? 0 : this.strength);
			const reply = await model.complete({ messages: asked, sampling }, signal, show);
			show(reply.text);
		} finally {
			await model.setAdapter(null, 0);
		}
	}

	stop(): void {
		this.#stop?.abort();
	}

	clear(): void {
		this.stop();
		this.error = null;
		this.#show([]);
	}

	#show(messages: Message[]): void {
		this.#messages = messages;
		this.#fold.touch();
	}
}
