/** Evaluation: held-out prompts answered before, during and after training, and the difference of their scores. */
import type { Adapter } from '#core/adapter/adapter.ts';
import type {
	GroupedComparison,
	HeldOutResult,
	HeldOutRewards,
	PairedComparison,
} from '#core/evaluation/evaluation.ts';
import type { Drift } from '#core/evaluation/drift.ts';
import type { RowFault } from '#core/batch/rowFaults.ts';
import { fromWire, type WireError } from '#core/errors.ts';
import type { HeadToHead } from '#core/evaluation/headToHead.ts';
import type { Sampling } from '#core/output/output.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { AnswersOnTheWay, ComputeEngine } from '#core/ports.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { computeAnswerer, type Answerer } from '../engines/answerer.ts';
import {
	answerCourses,
	compareResults,
	resultOf,
	scoreCourse,
	type AnswerCourse,
	type ChangedAnswer,
	type Comparison,
	type Mode,
	type ScorePoint,
	type StrengthPoint,
} from './evaluationViews.ts';
import type { PauseGate } from '../async/pauseGate.ts';
import { answerPrompts, type HeldOutAnswers } from './heldOutAnswers.ts';
import { EvaluationProgress, type EvaluationWork } from './evaluationWork.svelte.ts';
import { measureDrift } from './heldOutDrift.ts';
import { HeldOutRanking } from './heldOutRewards.ts';
import { messagesFor } from './outputStep.svelte.ts';
import type { AppPorts } from '../ports.ts';
import { HeadToHeads } from './headToHead.svelte.ts';
import { NO_RESULTS, SideEffects, type SideEffectResults } from './sideEffects.svelte.ts';
import { figure, type Figure, type StepSummary, type StepState } from './stepSummary.ts';

/** Strengths of the slider's curve, 1 being as trained. */
const STRENGTHS = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5];
/** Prompts behind each of its points. */
const STRENGTH_PROMPTS = 128;

export class EvaluationStep implements StepSummary {
	readonly noun = 'evaluation';
	readonly #recipe: () => Recipe;
	readonly #ours: Answerer;
	readonly #compute: ComputeEngine;
	readonly #ranking: HeldOutRanking;
	/** Pairs of held-out prompts; empty if there are none. */
	readonly #pairs: () => readonly PreferencePair[];
	readonly #progress: EvaluationProgress;
	/** Answers to prompts that no run of the world trains on. */
	readonly sideEffects: SideEffects;
	/** Which of two answers is better, by a person's votes. */
	readonly headToHead: HeadToHeads = new HeadToHeads(() => ({ before: this.before, after: this.after }));
	#compared: Readonly<Record<Mode, Comparison | null>> = $state.raw({ greedy: null, sampled: null });

	/** Every result so far, in the order they were made. */
	results: readonly HeldOutResult[] = $state.raw([]);
	/** Why the last evaluation or checkpoint during training failed, or null. Training continued without it. */
	error: WireError | null = $state.raw(null);
	/** The decoding mode that the view compares. */
	mode: Mode = $state('greedy');
	/** Greedy scores by adapter strength, as far as measured; over the first 128 held-out prompts. */
	strengths: readonly StrengthPoint[] = $state.raw([]);

	readonly before: HeldOutResult | null = $derived(this.resultAt(this.mode, 0));
	/** The latest result after step 0 in the chosen mode. */
	readonly after: HeldOutResult | null = $derived(this.#latest(this.mode));
	/** True if the held-out prompts have a rubric; the user's own prompts have none, and only their answers are shown. */
	readonly scored: boolean = $derived(
		this.results.every(({ answers, estimate }) => answers.length === 0 || estimate.n > 0),
	);
	/** Held-out prompts without an answer in some result of the chosen mode, by prompt id, each with its reason. */
	readonly leftOut: readonly RowFault[] = $derived.by(() => {
		const faults = this.results.filter(({ mode }) => mode === this.mode).flatMap((r) => r.leftOut ?? []);
		return [...new Map(faults.map((fault) => [fault.id, fault])).values()];
	});
	/** How the latest scored checkpoint ranks the held-out pairs; null if there are none. */
	readonly ranked: { step: number; rewards: HeldOutRewards } | null = $derived.by(() => {
		const latest = this.results.findLast(({ rewards }) => rewards !== undefined);
		return latest?.rewards === undefined ? null : { step: latest.step, rewards: latest.rewards };
	});
	/** Greedy score by step: the held-out curve. */
	readonly course: readonly ScorePoint[] = $derived(scoreCourse(this.results));
	/** The drift from the base model by step, ascending; empty in runs saved by older versions. */
	readonly drifts: readonly { step: number; drift: Drift }[] = $derived(
		this.results
			.flatMap(({ step, drift }) => (drift === undefined ? [] : [{ step, drift }]))
			.sort((a, b) => a.step - b.step),
	);
	/** Before against after in the chosen mode; null until both exist and are compared. */
	readonly compared: Comparison | null = $derived.by(() => this.#compared[this.mode]);
	readonly comparison: PairedComparison | null = $derived(this.compared?.whole ?? null);
	/** The largest gain first. */
	readonly byFamily: readonly GroupedComparison[] = $derived(this.compared?.byFamily ?? []);
	readonly byCheck: readonly GroupedComparison[] = $derived(this.compared?.byCheck ?? []);
	/** Prompts whose score fell, the largest fall first. */
	readonly worse: readonly ChangedAnswer[] = $derived(this.compared?.worse ?? []);
	/** Prompts whose score rose, the largest rise first. */
	readonly better: readonly ChangedAnswer[] = $derived(this.compared?.better ?? []);
	/** "Current answers": one prompt per family, at step 0 and the last two evaluated steps, greedily. */
	readonly answersNow: readonly AnswerCourse[] = $derived(answerCourses(this.results));
	/** True if the last adapter has its scores: only the last one is scored in both modes. */
	readonly #complete: boolean = $derived.by(() => {
		const last = this.#latest('greedy');
		if (last === null || this.resultAt('sampled', last.step) === null) return false;
		return this.sideEffects.isComplete(last.step);
	});
	/** Share of the run's evaluations that are done: before, during and after training. */
	readonly progress: number = $derived.by(() => {
		if (this.#complete && this.work === null) return 1;
		const share = this.work === null ? 0 : this.work.done / Math.max(1, this.work.total);
		const done = this.results.length + this.sideEffects.done + share;
		return Math.min(1, done / (plannedEvaluations(this.#recipe()) + this.sideEffects.planned));
	});
	readonly state: StepState = $derived.by(() => {
		if (this.work !== null) return 'running';
		if (this.results.length === 0) return 'empty';
		return this.#complete ? 'done' : 'partial';
	});
	readonly figure: Figure = $derived.by(() => {
		const first = this.course[0];
		const last = this.course.at(-1);
		if (this.ranked !== null && !this.scored)
			return figure(`**${this.ranked.rewards.accuracy.score.toFixed(2)}** of pairs in order`);
		if (first === undefined || last === undefined)
			return figure(`${this.#recipe().evaluation.count} held out`);
		if (last.step === 0) return figure(`${first.estimate.score.toFixed(2)} before`);
		return figure(`${first.estimate.score.toFixed(2)} → **${last.estimate.score.toFixed(2)}**`);
	});

	constructor(
		recipe: () => Recipe,
		compute: ComputeEngine,
		ports: Pick<AppPorts, 'clock' | 'frame'>,
		pairs: () => readonly PreferencePair[] = () => [],
	) {
		this.#recipe = recipe;
		this.#compute = compute;
		this.#ours = computeAnswerer(compute);
		this.#ranking = new HeldOutRanking(compute);
		this.#pairs = pairs;
		this.#progress = new EvaluationProgress(ports);
		this.sideEffects = new SideEffects(recipe, compute, this.#progress, () => this.results);
	}

	/** The evaluation in progress, or null. */
	get work(): EvaluationWork | null {
		return this.#progress.work;
	}

	get secondsLeft(): number | null {
		return this.#progress.secondsLeft;
	}

	/** The latest result of a mode at a step; null if there is none. */
	resultAt(mode: Mode, step: number): HeldOutResult | null {
		return this.results.filter((r) => r.mode === mode && r.step === step).at(-1) ?? null;
	}

	/**
	 * Answers the held-out prompts with an adapter (null: the base), scores them, and keeps the result, which names the prompts
	 * that have no answer. If there are pairs of these prompts, a greedy result also says how the adapter ranks them.
	 *
	 * @param answerer the compute engine by default
	 * @throws Cancelled, with nothing kept of this result; the engine's errors
	 */
	async evaluate(
		prompts: readonly Prompt[],
		mode: Mode,
		adapter: Adapter | null,
		gate: PauseGate,
		signal: AbortSignal,
		answerer = this.#ours,
	): Promise<HeldOutResult> {
		const step = adapter?.step ?? 0;
		const ranked = mode === 'greedy' && adapter !== null ? this.#pairs() : [];
		this.error = null;
		this.#progress.begin({ part: 'heldOut', mode, step, total: prompts.length + ranked.length });
		try {
			const answers = await this.#answer(prompts, { mode, adapter, strength: 1, answerer }, gate, signal);
			const result = await resultOf(mode, step, answers.prompts, answers.texts);
			const rewards = adapter === null ? null : await this.#rank(ranked, adapter, gate, signal);
			const drift = mode === 'greedy' ? await this.#drift(prompts, adapter, answerer, gate, signal) : null;
			return await this.#keep({
				...result,
				engine: answerer.engine,
				...(answers.leftOut.length === 0 ? {} : { leftOut: answers.leftOut }),
				...(rewards === null ? {} : { rewards }),
				...(drift === null ? {} : { drift }),
			});
		} finally {
			this.#progress.end();
		}
	}

	/** Evaluation during training: greedy answers only. */
	onTheWay(prompts: readonly Prompt[]): AnswersOnTheWay {
		return { prompts: prompts.map(messagesFor), sampling: this.#sampling('greedy', 0) };
	}

	#drift(
		prompts: readonly Prompt[],
		adapter: Adapter | null,
		answerer: Answerer,
		gate: PauseGate,
		signal: AbortSignal,
	): Promise<Drift | null> {
		const sampling = (first: number): Sampling => this.#sampling('sampled', first);
		const how = { adapter, strength: 1, answerer, sampling };
		return measureDrift(prompts, { ...how, compute: this.#compute, gate, signal });
	}

	async #rank(pairs: readonly PreferencePair[], adapter: Adapter, gate: PauseGate, signal: AbortSignal) {
		if (pairs.length === 0) return null;
		const { beta } = this.#recipe().objective;
		return this.#ranking.measure(pairs, { adapter, beta }, gate, signal, this.#progress.mark);
	}

	async #keep(result: HeldOutResult): Promise<HeldOutResult> {
		const { mode, step } = result;
		this.results = [...this.results.filter((r) => r.mode !== mode || r.step !== step), result];
		await this.#compare(mode);
		return result;
	}

	/** The greedy answer to one prompt with an adapter, outside of any result. @throws the prompt's own error */
	async answerOne(prompt: Prompt, adapter: Adapter): Promise<string> {
		const request = {
			prompts: [messagesFor(prompt)],
			sampling: this.#sampling('greedy', 0),
			adapter,
			strength: 1,
		};
		const [reply] = await this.#ours.answer(request, () => undefined, new AbortController().signal);
		if (reply !== undefined && 'refused' in reply) throw fromWire(reply.refused);
		return reply?.text ?? '';
	}

	/** Measures the greedy score at several strengths of an adapter, weakest first: the curve on the strength slider. */
	async measureStrengths(
		prompts: readonly Prompt[],
		adapter: Adapter,
		gate: PauseGate,
		signal: AbortSignal,
	): Promise<void> {
		const some = prompts.slice(0, STRENGTH_PROMPTS);
		this.strengths = [];
		const total = some.length * STRENGTHS.length;
		this.#progress.begin({ part: 'heldOut', mode: 'greedy', step: adapter.step, total });
		try {
			for (const strength of STRENGTHS) {
				const using = strength === 0 ? null : adapter;
				const { prompts: answered, texts } = await this.#answer(
					some,
					{ mode: 'greedy', adapter: using, strength, answerer: this.#ours },
					gate,
					signal,
				);
				const { estimate } = await resultOf('greedy', adapter.step, answered, texts);
				this.strengths = [...this.strengths, { strength, estimate }];
			}
		} finally {
			this.#progress.end();
		}
	}

	/** Forgets results after a step: they will be measured again. */
	cutAfter(step: number): void {
		this.results = this.results.filter((result) => result.step <= step);
		this.strengths = [];
		this.sideEffects.cutAfter(step);
		this.headToHead.cutAfter(step);
		void this.#compareAll();
	}

	/** Restores a stored run's results. */
	restore(
		results: readonly HeldOutResult[],
		sideEffects: SideEffectResults = NO_RESULTS,
		headToHead: readonly HeadToHead[] = [],
	): void {
		this.results = results;
		this.#ranking.clear();
		this.strengths = [];
		this.error = null;
		this.#progress.end();
		this.sideEffects.restore(sideEffects);
		this.headToHead.restore(headToHead);
		void this.#compareAll();
	}

	/** Compares the latest result of a mode with the one before training; a result that arrives in the meantime is compared by its own call. */
	async #compare(mode: Mode): Promise<void> {
		const before = this.resultAt(mode, 0);
		const after = this.#latest(mode);
		const comparison = await compareResults(before, after);
		if (this.#latest(mode) === after) this.#compared = { ...this.#compared, [mode]: comparison };
	}

	async #compareAll(): Promise<void> {
		this.#compared = { greedy: null, sampled: null };
		await this.#compare('greedy');
		await this.#compare('sampled');
	}

	/** The latest result after step 0. */
	#latest(mode: Mode): HeldOutResult | null {
		return this.results.filter((r) => r.mode === mode && r.step > 0).at(-1) ?? null;
	}

	#answer(
		prompts: readonly Prompt[],
		{ mode, ...how }: { mode: Mode; adapter: Adapter | null; strength: number; answerer: Answerer },
		gate: PauseGate,
		signal: AbortSignal,
	): Promise<HeldOutAnswers> {
		const sampling = (first: number): Sampling => this.#sampling(mode, first);
		return answerPrompts(prompts, { ...how, sampling }, gate, signal, this.#progress.mark);
	}

	#sampling(mode: Mode, first: number): Sampling {
		const { seed, maxTokens } = this.#recipe().evaluation;
		return { temperature: mode === 'greedy' ? 0 : 1, topP: 1, maxTokens, seed: seed + first };
	}
}

/** Two modes before training and two after, and a greedy score at each multiple of `evaluateEvery` between them. */
function plannedEvaluations({ training: { evaluateEvery, steps } }: Recipe): number {
	const during = evaluateEvery > 0 ? Math.ceil(steps / evaluateEvery) - 1 : 0;
	return 4 + Math.max(0, during);
}
