/** Answers of other models to the run's prompts: of a stronger one, or of two of several in turn. No row is dropped silently. */
import { isRowFault } from '#core/batch/rowFaults.ts';
import { fromWire, toWire, type AppError, type WireError } from '#core/errors.ts';
import { answerId, type Output } from '#core/output/output.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import type { ChatModel } from '#core/ports.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { AskedModel } from '#core/recipe/askedModel.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { answeringModels } from '#core/recipe/sharedWork.ts';
import type { AppPorts } from '../ports.ts';
import { askAnswer, type AnswerRow } from './askAnswer.ts';
import { AskedRows } from './askedRows.svelte.ts';
import type { Asking } from './askRows.ts';

export type { AnswerRow };

/** Runs work with a model; see `ReviserConnection.use`. */
export type UseModel = (asked: AskedModel, work: (model: ChatModel) => Promise<void>) => Promise<void>;

export class AnswerStep {
	readonly #recipe: () => Recipe;
	readonly #asked: AskedRows<AnswerRow>;

	/** Why a model was not asked further; null if none stopped. */
	stopped: WireError | null = $state.raw(null);

	/** The models that answer for the recipe's method, in turn; none if it asks no other model. */
	readonly models: readonly AskedModel[] = $derived.by(() => answeringModels(this.#recipe()));
	readonly rows: readonly AnswerRow[] = $derived.by(() => this.#asked.rows);
	readonly outputs: readonly Output[] = $derived(this.rows.flatMap(({ output }) => output ?? []));
	readonly done: number = $derived(this.outputs.length);
	readonly failed: number = $derived(this.rows.filter(({ state }) => state === 'failed').length);
	/** Rows that `answer` would ask about. */
	readonly open: number = $derived(this.#openPlaces(this.rows).length);
	readonly progress: number = $derived(this.rows.length === 0 ? 0 : 1 - this.open / this.rows.length);

	constructor(recipe: () => Recipe, ports: Pick<AppPorts, 'clock' | 'frame'>) {
		this.#recipe = recipe;
		this.#asked = new AskedRows(ports);
	}

	get asking(): boolean {
		return this.#asked.asking;
	}

	get perSecond(): number | null {
		return this.#asked.perSecond;
	}

	get secondsLeft(): number | null {
		return this.#asked.secondsLeft;
	}

	/** Prepares a row for each answer that the recipe's method needs; kept answers of the same models stay. */
	prepare(prompts: readonly Prompt[], kept: readonly Output[] = []): void {
		const { othersPerPrompt = 0 } = methodOf(this.#recipe().pairs.method);
		const byId = new Map(kept.map((output) => [output.id, output]));
		const { models } = this;
		this.stopped = null;
		this.#asked.fill(
			prompts.flatMap((prompt, i) =>
				Array.from({ length: Math.min(othersPerPrompt, models.length) }, (_, k) => {
					const by = (i + k) % models.length;
					const id = answerId(prompt.id, k + 1);
					const known = byId.get(id);
					const output = known?.model === models[by]?.model ? (known ?? null) : null;
					return rowOf({ id, prompt, by, output });
				}),
			),
		);
	}

	/**
	 * Asks each model about its rows that wait or failed, one model after the other. A model that fails the same way several times
	 * in a row is not asked further; the others still are, and answers so far are kept.
	 *
	 * @throws Cancelled when the signal fires · the AppError of the first model that stopped
	 */
	async answer(use: UseModel, how: Omit<Asking, 'atOnce'>): Promise<void> {
		this.stopped = null;
		let first: AppError | null = null;
		for (const [by, asked] of this.models.entries()) {
			const queue = this.#queueOf(by, asked.budget);
			if (queue.length === 0) continue;
			try {
				await use(asked, async (model) => this.#stop(await this.#ask(queue, model, asked, how)));
			} catch (error) {
				how.signal.throwIfAborted();
				this.#stop(toWire(error));
			}
			first ??= this.#failure();
		}
		if (first !== null) throw first;
	}

	/** Why a model is not asked any more; null if none has stopped. */
	#failure(): AppError | null {
		return this.stopped === null ? null : fromWire(this.stopped);
	}

	/** Asks for one answer again, with another seed. */
	async retry(id: string, use: UseModel, how: Omit<Asking, 'atOnce'>): Promise<void> {
		const i = this.#asked.placeOf(id);
		const asked = this.models[this.#asked.at(i)?.by ?? -1];
		if (asked !== undefined)
			await use(asked, async (model) => {
				await this.#ask([i], model, asked, how);
			});
	}

	flush(): void {
		this.#asked.flush();
	}

	/** Name of the model that answers a row. */
	modelOf({ by }: AnswerRow): string {
		return this.models[by]?.model ?? '';
	}

	/** True if a limit of requests keeps rows from being asked. */
	readonly budgetSpent: boolean = $derived(
		this.models.some(
			({ budget }, by) => budget > 0 && this.#openOf(by).length > Math.max(0, budget - this.#spent(by)),
		),
	);
	/** True if `answer` would ask something: rows are open and within the limits of requests. */
	readonly canAsk: boolean = $derived(
		this.models.some(({ budget }, by) => this.#queueOf(by, budget).length > 0),
	);

	#ask(
		queue: readonly number[],
		model: ChatModel,
		asked: AskedModel,
		how: Omit<Asking, 'atOnce'>,
	): Promise<WireError | null> {
		const atOnce = Math.min(asked.concurrency, model.atOnce ?? Infinity);
		return this.#asked.ask(
			queue,
			{ ...how, atOnce },
			(row) => ({ ...row, state: 'asking', text: '', error: null }),
			(row, i) =>
				askAnswer(row, model, asked, how.signal, (text) =>
					this.#asked.write(i, { ...row, state: 'asking', text, error: null }),
				),
		);
	}

	#stop(error: WireError | null): void {
		this.stopped ??= error;
	}

	#queueOf(by: number, budget: number): readonly number[] {
		const open = this.#openOf(by);
		return budget === 0 ? open : open.slice(0, Math.max(0, budget - this.#spent(by)));
	}

	#openOf(by: number): readonly number[] {
		// Read so that derived values follow the published rows.
		return this.#openPlaces(this.rows).filter((i) => this.rows[i]?.by === by);
	}

	#openPlaces(rows: readonly AnswerRow[]): readonly number[] {
		return rows.flatMap((row, i) => (isOpen(row) ? [i] : []));
	}

	#spent(by: number): number {
		return this.rows.reduce((sum, row) => sum + (row.by === by ? row.attempts : 0), 0);
	}
}

function rowOf({ id, prompt, by, output }: Pick<AnswerRow, 'id' | 'prompt' | 'by' | 'output'>): AnswerRow {
	const done = output !== null;
	return {
		...{ id, prompt, by, output },
		state: done ? 'done' : 'waiting',
		text: output?.text ?? '',
		error: null,
		attempts: done ? 1 : 0,
	};
}

function isOpen({ state, error }: AnswerRow): boolean {
	return state !== 'done' && !(state === 'failed' && error !== null && isRowFault(error));
}
