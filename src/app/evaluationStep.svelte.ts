/** Evaluation: held-out prompts answered before, during and after training, and what can be said of the difference. */
import type { Adapter } from '#core/adapter/adapter.ts';
import type {
	Estimate,
	GroupedComparison,
	HeldOutResult,
	PairedComparison,
	ScoredAnswer,
} from '#core/evaluation/evaluation.ts';
import type { ComputeEngine } from '#core/ports.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { figure, type Figure, type Station, type StationState } from './station.ts';

export type Mode = HeldOutResult['mode'];

/** One point of the held-out curve. */
export interface ScorePoint {
	step: number;
	estimate: Estimate;
}

/** The score at one adapter strength. */
export interface StrengthPoint {
	strength: number;
	estimate: Estimate;
}

/** A prompt of "What it answers now" with its answer at the first and the last two evaluated steps. */
export interface AnswerCourse {
	prompt: Prompt;
	answers: readonly { step: number; answer: ScoredAnswer }[];
}

/** A held-out prompt whose score fell or rose, with both answers. */
export interface ChangedAnswer {
	prompt: Prompt;
	before: ScoredAnswer;
	after: ScoredAnswer;
}

/** What is being answered now. */
export interface EvaluationWork {
	mode: Mode;
	step: number;
	done: number;
	total: number;
}

export class EvaluationStep implements Station {
	readonly noun = 'evaluation';
	readonly #recipe: () => Recipe;
	readonly #compute: ComputeEngine;

	/** Every result so far, by the order they were made. */
	results: readonly HeldOutResult[] = $state.raw([]);
	/** What is being answered now; null when nothing is. */
	work: EvaluationWork | null = $state.raw(null);
	/** Which decoding the view compares. */
	mode: Mode = $state('greedy');
	/** Scores by adapter strength, as far as measured. */
	strengths: readonly StrengthPoint[] = $state.raw([]);

	readonly before: HeldOutResult | null = $derived(this.resultAt(this.mode, 0));
	/** The latest result after step 0 in the chosen mode. */
	readonly after: HeldOutResult | null = $derived(
		this.results.filter((r) => r.mode === this.mode && r.step > 0).at(-1) ?? null,
	);
	/** Greedy score by step: the held-out curve. */
	readonly course: readonly ScorePoint[] = $derived(
		this.results.filter((r) => r.mode === 'greedy').map(({ step, estimate }) => ({ step, estimate })),
	);
	readonly comparison: PairedComparison | null = $derived.by(() => null);
	readonly byFamily: readonly GroupedComparison[] = $derived.by(() => []);
	readonly byCheck: readonly GroupedComparison[] = $derived.by(() => []);
	/** Prompts whose score fell, the largest fall first. */
	readonly worse: readonly ChangedAnswer[] = $derived.by(() => []);
	readonly better: readonly ChangedAnswer[] = $derived.by(() => []);
	/** "What it answers now": one prompt a family, at step 0 and the last two evaluated steps. */
	readonly answersNow: readonly AnswerCourse[] = $derived.by(() => []);
	readonly progress: number = $derived(
		this.work === null ? (this.after === null ? 0 : 1) : this.work.done / this.work.total,
	);
	readonly state: StationState = $derived.by(() => {
		if (this.work !== null) return 'running';
		if (this.results.length === 0) return 'empty';
		return this.after === null ? 'partial' : 'done';
	});
	readonly figure: Figure = $derived.by(() => {
		const first = this.course[0];
		const last = this.course.at(-1);
		if (first === undefined || last === undefined)
			return figure(`${this.#recipe().evaluation.count} held out`);
		if (last.step === 0) return figure(`${first.estimate.score.toFixed(2)} before`);
		return figure(`${first.estimate.score.toFixed(2)} → **${last.estimate.score.toFixed(2)}**`);
	});

	constructor(recipe: () => Recipe, compute: ComputeEngine) {
		this.#recipe = recipe;
		this.#compute = compute;
	}

	/** The latest result of a mode at a step; null where there is none. */
	resultAt(mode: Mode, step: number): HeldOutResult | null {
		return this.results.filter((r) => r.mode === mode && r.step === step).at(-1) ?? null;
	}

	/**
	 * Answers the held-out prompts with an adapter (null: the base) in the compute engine and scores them.
	 *
	 * @throws Cancelled; the engine's errors
	 */
	evaluate(
		_prompts: readonly Prompt[],
		_mode: Mode,
		_adapter: Adapter | null,
		_signal: AbortSignal,
	): Promise<HeldOutResult> {
		return Promise.reject(new Error(`written next ${typeof this.#compute}`));
	}

	/** Measures the greedy score at several strengths of an adapter, from the weakest: the strength slider's curve. */
	measureStrengths(_prompts: readonly Prompt[], _adapter: Adapter, _signal: AbortSignal): Promise<void> {
		return Promise.reject(new Error('written next'));
	}

	/** Takes up a stored run's results. */
	restore(results: readonly HeldOutResult[]): void {
		this.results = results;
		this.strengths = [];
		this.work = null;
	}

	clear(): void {
		this.restore([]);
	}
}
