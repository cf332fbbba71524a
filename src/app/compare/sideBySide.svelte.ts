/** Side by side: the base and the tuned model answer the same prompt from the same seed, in the answering engine. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { StorageError, toWire, type WireError } from '#core/errors.ts';
import type { Scored } from '#core/evaluation/evaluation.ts';
import type { Sampling } from '#core/output/output.ts';
import type { TargetModel } from '#core/ports.ts';
import { isEngineLoss } from '../engines/engineLoss.ts';
import { FrameBatcher } from '../async/frameBatcher.ts';
import type { AppPorts } from '../ports.ts';

export interface SideAnswer {
	state: 'waiting' | 'writing' | 'done' | 'stopped' | 'failed';
	text: string;
	/** Null if no world has a rubric for the prompt, and until the answer is done. */
	scored: Scored | null;
	error: WireError | null;
}

export interface Exchange {
	id: number;
	prompt: string;
	base: SideAnswer;
	tuned: SideAnswer;
	/** Adapter settings of the tuned side. */
	strength: number;
	step: number | null;
	sampling: Sampling;
}

export interface SideBySideSources {
	/** The engine that answers; null while none is loaded, or a run samples with it. */
	model: () => TargetModel | null;
	/** Runs work when the engine is free. */
	inTurn: <T>(work: () => Promise<T>) => Promise<T>;
	/** The adapter of the tuned side: a checkpoint, or during training the current step's; null if there is none. */
	adapter: () => Promise<Adapter | null>;
	score: (prompt: string, text: string) => Scored | null;
	maxTokens: () => number;
}

export const LARGEST_STRENGTH = 1.5;

export class SideBySide {
	readonly #sources: SideBySideSources;
	readonly #fold: FrameBatcher;
	#working: Exchange[] = [];
	#stop: AbortController | null = null;
	#nextId = 1;

	/** Text in the question field. */
	question: string = $state('');
	/** 0 is exactly the base model, 1 the adapter as trained. */
	strength: number = $state(1);
	seed: number = $state(7);
	temperature: number = $state(0);
	/** True hides which side is which until the user asks. */
	blind: boolean = $state(false);
	/** Latest last. Replaced at most once per frame. */
	exchanges: readonly Exchange[] = $state.raw([]);
	answering: boolean = $state(false);

	constructor(sources: SideBySideSources, ports: Pick<AppPorts, 'frame'>) {
		this.#sources = sources;
		this.#fold = new FrameBatcher(ports.frame, () => this.#publish());
	}

	get ready(): boolean {
		return this.#sources.model() !== null;
	}

	setStrength(strength: number): void {
		this.strength = Math.min(LARGEST_STRENGTH, Math.max(0, Math.round(strength * 100) / 100));
	}

	/** Asks both sides, one after the other, from the same seed. A side that fails shows its error; the other still answers. */
	async ask(prompt: string = this.question): Promise<void> {
		const text = prompt.trim();
		const model = this.#sources.model();
		if (text === '' || model === null || this.answering) return;
		this.question = '';
		await this.#run(model, [this.#open(text)]);
	}

	/** Asks every prompt on the page again, with the current strength, step, seed and temperature. */
	askAgain(): Promise<void> {
		return this.askAll(this.#working.map((exchange) => exchange.prompt));
	}

	/** Asks several prompts, which replace those on the page. */
	async askAll(prompts: readonly string[]): Promise<void> {
		const model = this.#sources.model();
		if (model === null || this.answering) return;
		this.#working = [];
		await this.#run(
			model,
			prompts.map((prompt) => this.#open(prompt)),
		);
	}

	stop(): void {
		this.#stop?.abort();
	}

	clear(): void {
		this.stop();
		this.#working = [];
		this.#publish();
	}

	#open(prompt: string): Exchange {
		const side: SideAnswer = { state: 'waiting', text: '', scored: null, error: null };
		const sampling = {
			temperature: this.temperature,
			topP: 1,
			maxTokens: this.#sources.maxTokens(),
			seed: this.seed,
		};
		const exchange = {
			id: this.#nextId++,
			prompt,
			base: side,
			tuned: side,
			strength: this.strength,
			step: null,
			sampling,
		};
		this.#working.push(exchange);
		this.#publish();
		return exchange;
	}

	async #run(model: TargetModel, exchanges: readonly Exchange[]): Promise<void> {
		const stop = new AbortController();
		this.#stop = stop;
		this.answering = true;
		try {
			await this.#sources.inTurn(() => this.#askSides(model, exchanges, stop.signal));
		} catch (error) {
			this.#failWaiting(exchanges, toWire(error));
		} finally {
			this.answering = false;
			this.#publish();
		}
	}

	/** If the engine fails, marks every waiting side as failed. */
	#failWaiting(exchanges: readonly Exchange[], error: WireError): void {
		const failed = (side: SideAnswer): SideAnswer =>
			side.state === 'waiting' ? { ...side, state: 'failed', error } : side;
		for (const { id } of exchanges) {
			const now = this.#working.find((exchange) => exchange.id === id);
			if (now !== undefined) this.#change(id, { base: failed(now.base), tuned: failed(now.tuned) });
		}
	}

	async #askSides(model: TargetModel, exchanges: readonly Exchange[], signal: AbortSignal): Promise<void> {
		try {
			// Asks all of one side first, so that the adapter is written into the engine once instead of once per prompt.
			await model.setAdapter(null, 0);
			for (const exchange of exchanges) await this.#answer(model, exchange, 'base', signal);
			const adapter = await this.#sources.adapter();
			if (adapter === null) throw adapterMissing();
			await model.setAdapter(adapter, this.strength);
			for (const exchange of exchanges) {
				this.#change(exchange.id, { step: adapter.step });
				await this.#answer(model, exchange, 'tuned', signal);
			}
		} finally {
			await model.setAdapter(null, 0);
		}
	}

	async #answer(
		model: TargetModel,
		exchange: Exchange,
		side: 'base' | 'tuned',
		signal: AbortSignal,
	): Promise<void> {
		const write = (answer: SideAnswer): void => this.#change(exchange.id, { [side]: answer });
		const writing = (text: string): SideAnswer => ({ state: 'writing', text, scored: null, error: null });
		let soFar = '';
		write(writing(soFar));
		try {
			const request = {
				messages: [{ role: 'user', content: exchange.prompt }] as const,
				sampling: exchange.sampling,
			};
			const reply = await model.complete(request, signal, (text) => {
				soFar = text;
				write(writing(text));
			});
			write({
				state: 'done',
				text: reply.text,
				scored: this.#sources.score(exchange.prompt, reply.text),
				error: null,
			});
		} catch (error) {
			if (signal.aborted) write({ state: 'stopped', text: soFar, scored: null, error: null });
			else write({ state: 'failed', text: soFar, scored: null, error: toWire(error) });
			// The waiting prompts would fail the same way, because the engine is gone.
			if (isEngineLoss(error)) throw error;
		}
	}

	#change(id: number, change: Partial<Exchange>): void {
		this.#working = this.#working.map((exchange) =>
			exchange.id === id ? { ...exchange, ...change } : exchange,
		);
		this.#fold.touch();
	}

	#publish(): void {
		this.exchanges = this.#working.slice();
	}
}

function adapterMissing(): StorageError {
	return new StorageError('This checkpoint is no longer on this machine.', {
		code: 'checkpoint-missing',
		hint: 'Choose another checkpoint, or train again.',
	});
}
