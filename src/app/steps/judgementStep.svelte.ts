/** Judgements: a judge's verdicts on two answers to each prompt, both replies kept. No row is dropped silently. */
import { Cancelled, fromWire, type WireError } from '#core/errors.ts';
import { type Comparison, waitingJudgement } from '#core/judgement/decide.ts';
import type { Judgement, JudgementState } from '#core/judgement/judgement.ts';
import { judgeAccuracy, longerPreferred, positionBias, type PositionBias } from '#core/judgement/summary.ts';
import type { ChatModel } from '#core/ports.ts';
import { askedJudge } from '#core/recipe/askedModel.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { affordableRows, judgePair } from '../engines/judgePair.ts';
import type { AppPorts } from '../ports.ts';
import { AskedRows } from './askedRows.svelte.ts';
import type { Asking } from './askRows.ts';
import { figure, type Figure, type StepSummary, type StepState } from './stepSummary.ts';

export class JudgementStep implements StepSummary {
	readonly noun = 'revision';
	readonly #recipe: () => Recipe;
	readonly #asked: AskedRows<Judgement>;

	/** Why judging stopped before its end; null if it did not. */
	stopped: WireError | null = $state.raw(null);
	/** The open row's id; null opens the first decided row. */
	selectedId: string | null = $state(null);

	readonly rows: readonly Judgement[] = $derived.by(() => this.#asked.rows);
	readonly counts: Readonly<Record<JudgementState, number>> = $derived(countStates(this.rows));
	/** Rows in which the judge prefers one answer. */
	readonly decided: number = $derived(
		this.rows.filter(({ verdict }) => verdict !== null && verdict !== 'tie').length,
	);
	readonly ties: number = $derived(this.rows.filter(({ verdict }) => verdict === 'tie').length);
	/** Rows that are settled, failed ones included. */
	readonly settled: number = $derived(this.rows.length - this.counts.waiting - this.counts.asking);
	readonly bias: PositionBias = $derived(positionBias(this.rows));
	readonly accuracy = $derived(judgeAccuracy(this.rows));
	readonly longer = $derived(longerPreferred(this.rows));
	readonly selected: Judgement | null = $derived(
		this.rows.find(({ id }) => id === this.selectedId) ??
			this.rows.find(({ verdict }) => verdict !== null && verdict !== 'tie') ??
			this.rows[0] ??
			null,
	);
	readonly progress: number = $derived(this.rows.length === 0 ? 0 : this.settled / this.rows.length);
	readonly state: StepState = $derived.by(() => {
		if (this.#asked.asking) return 'running';
		if (this.stopped !== null) return 'failed';
		if (this.settled === 0) return 'empty';
		return this.settled < this.rows.length ? 'partial' : 'done';
	});
	readonly figure: Figure = $derived.by(() => {
		const n = this.rows.length;
		if (this.state === 'failed') return figure(`**stopped at ${this.settled - this.counts.failed} of ${n}**`);
		if (this.state === 'empty') return figure(judgeName(this.#recipe()));
		if (this.settled < n) return figure(`**${this.settled}** of ${n} judged`);
		return figure(`**${this.decided}** of ${n} decided`);
	});

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

	byId(id: string): Judgement | null {
		return this.rows[this.#asked.placeOf(id)] ?? null;
	}

	/** Opens the next (1) or previous (−1) row. */
	move(by: 1 | -1): void {
		const open = this.selected === null ? -1 : this.#asked.placeOf(this.selected.id);
		this.selectedId = this.rows[open + by]?.id ?? this.selectedId;
	}

	/** Prepares one row for each comparison; kept rows of the same two answers stay as they are. */
	prepare(comparisons: readonly Comparison[], kept: readonly Judgement[] = []): void {
		const known = new Map(kept.map((row) => [textsOf(row), row]));
		this.stopped = null;
		this.#asked.fill(
			comparisons.map((comparison) => {
				const waiting = waitingJudgement(comparison);
				const before = known.get(textsOf(comparison));
				const { first, second, prompt } = comparison;
				return before === undefined || before.state === 'asking'
					? waiting
					: { ...before, prompt, first, second };
			}),
		);
	}

	/**
	 * Asks the judge about every row that waits or failed, several at once, as far as the recipe's limit of
	 * requests allows. If the endpoint fails the same way several times in a row, it stops early with the reason in `stopped`.
	 *
	 * @throws Cancelled when the signal fires · the endpoint's AppError when it stopped early
	 */
	async judge(model: ChatModel, how: Omit<Asking, 'atOnce'>): Promise<void> {
		this.stopped = null;
		try {
			this.stopped = await this.#ask(this.#queue(), model, how);
		} finally {
			this.flush();
		}
		if (this.stopped !== null) throw fromWire(this.stopped);
	}

	/** Asks the judge again about one row. */
	async retry(id: string, model: ChatModel, how: Omit<Asking, 'atOnce'>): Promise<void> {
		const i = this.#asked.placeOf(id);
		if (i < 0) throw new Cancelled();
		await this.#ask([i], model, how);
	}

	/** True if `judge` would ask something: rows are open and within the limit of requests. */
	readonly canAsk: boolean = $derived(this.#queue().length > 0);
	/** True if the limit of requests keeps rows from being asked. */
	readonly budgetSpent: boolean = $derived(this.#queue().length < this.#open().length);

	flush(): void {
		this.#asked.flush();
	}

	#ask(queue: readonly number[], model: ChatModel, how: Omit<Asking, 'atOnce'>): Promise<WireError | null> {
		const asked = askedJudge(this.#recipe());
		const atOnce = Math.min(asked.concurrency, model.atOnce ?? Infinity);
		return this.#asked.ask(
			queue,
			{ ...how, atOnce },
			(row) => ({ ...row, state: 'asking', error: null }),
			(row) => judgePair(row, model, asked, how.signal),
		);
	}

	/** Rows that failed before come last, so that they do not stop the others again. An unreadable row is asked again by hand only. */
	#open(): readonly number[] {
		const inState = (state: JudgementState): number[] =>
			this.rows.flatMap((row, i) => (row.state === state ? [i] : []));
		return [...inState('waiting'), ...inState('failed')];
	}

	#queue(): readonly number[] {
		return this.#open().slice(0, affordableRows(askedJudge(this.#recipe()), this.rows));
	}
}

function judgeName(recipe: Recipe): string {
	const { endpoint, model } = askedJudge(recipe);
	return endpoint === 'embedded' ? 'built-in judge' : model;
}

/** Equal for comparisons of the same two answers to the same prompt, in the same order. */
function textsOf({ prompt, first, second }: Comparison): string {
	return JSON.stringify([prompt.text, first.text, second.text]);
}

function countStates(rows: readonly Judgement[]): Record<JudgementState, number> {
	const counts: Record<JudgementState, number> = { waiting: 0, asking: 0, judged: 0, unread: 0, failed: 0 };
	for (const { state } of rows) counts[state]++;
	return counts;
}
