/**
 * Side effects of training: greedy answers to prompts that no run of a world trains on, by the base model and by the last
 * adapter. Each part is kept as soon as it is measured, so that an interrupted run asks nothing twice.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { HeldOutResult } from '#core/evaluation/evaluation.ts';
import { panelRows, type PanelResult, type PanelRow } from '#core/evaluation/panel.ts';
import { reportOnResults, type WorldReport } from '#core/evaluation/worldReport.ts';
import { nextTask } from '#core/concurrency.ts';
import type { Sampling } from '#core/output/output.ts';
import { pairToRead } from '#core/pair/pair.ts';
import type { ComputeEngine } from '#core/ports.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { inGroups } from '../async/groups.ts';
import type { PauseGate } from '../async/pauseGate.ts';
import type { Answerer } from '../engines/answerer.ts';
import { resultOf } from './evaluationViews.ts';
import type { EvaluationPart, EvaluationProgress } from './evaluationWork.svelte.ts';
import { answerPrompts, type HeldOutAnswers } from './heldOutAnswers.ts';
import { sideEffectCounts, sideEffectPrompts, sourceWorld } from './sideEffectPrompts.ts';

export type SideEffectPart = Exclude<EvaluationPart, 'heldOut'>;

/** Side effects as a run stores them. */
export interface SideEffectResults {
	untouched: readonly HeldOutResult[];
	panel: readonly PanelResult[];
}

export const NO_RESULTS: SideEffectResults = { untouched: [], panel: [] };

/** The state of the model that is measured, and how. */
export interface Measured {
	/** Null for the base model. */
	adapter: Adapter | null;
	answerer: Answerer;
	gate: PauseGate;
	signal: AbortSignal;
}

/**
 * The least limit of an answer to the panel, in tokens. The length of these answers is a figure, so a limit that suits the
 * short answers of a world must not cut them.
 */
const PANEL_TOKENS = 160;

export class SideEffects {
	readonly #recipe: () => Recipe;
	readonly #compute: ComputeEngine;
	readonly #progress: EvaluationProgress;
	readonly #heldOut: () => readonly HeldOutResult[];

	untouched: readonly HeldOutResult[] = $state.raw([]);
	panel: readonly PanelResult[] = $state.raw([]);
	/** Both answers to each prompt of the panel; empty until both models answered. */
	readonly panelRows: readonly PanelRow[] = $derived.by(() => {
		const [base, tuned] = [this.panelAt(0), this.panel.findLast(({ step }) => step > 0)];
		return base === null || tuned === undefined ? [] : panelRows(base, tuned);
	});
	/** The base model against the last adapter; null until both are measured. */
	report: WorldReport | null = $state.raw(null);

	/** @param heldOut the results on held-out prompts, for the report */
	constructor(
		recipe: () => Recipe,
		compute: ComputeEngine,
		progress: EvaluationProgress,
		heldOut: () => readonly HeldOutResult[],
	) {
		this.#recipe = recipe;
		this.#compute = compute;
		this.#progress = progress;
		this.#heldOut = heldOut;
	}

	/** Number of results so far. */
	get done(): number {
		return this.untouched.length + this.panel.length + this.panel.filter(isRead).length;
	}

	/** Number of results that the recipe asks for, before and after training. */
	get planned(): number {
		const { untouched, panel } = sideEffectCounts(this.#recipe());
		return (untouched > 0 ? 2 : 0) + (panel > 0 ? 3 : 0);
	}

	/** Parts without a result at a step, in the order to measure them. */
	missing(step: number): readonly SideEffectPart[] {
		const { untouched, panel } = sideEffectCounts(this.#recipe());
		const answered = this.panelAt(step);
		const parts: SideEffectPart[] = [];
		if (untouched > 0 && !this.untouched.some((result) => result.step === step)) parts.push('untouched');
		if (panel > 0 && answered === null) parts.push('panel');
		if (panel > 0 && step > 0 && (answered === null || !isRead(answered))) parts.push('fluency');
		return parts;
	}

	/** True if nothing is missing at a step. Runs of older versions have no side effects, and nothing is missing from them. */
	isComplete(step: number): boolean {
		return this.done === 0 || this.missing(step).length === 0;
	}

	panelAt(step: number): PanelResult | null {
		return this.panel.find((result) => result.step === step) ?? null;
	}

	/** @throws Cancelled, with nothing kept of this part; the engine's errors */
	async measure(part: SideEffectPart, how: Measured): Promise<void> {
		const step = how.adapter?.step ?? 0;
		const { untouched, panel } = sideEffectPrompts(this.#recipe());
		const total = (part === 'untouched' ? untouched : panel).length;
		this.#progress.begin({ part, mode: 'greedy', step, total });
		try {
			if (part === 'untouched') await this.#answerUntouched(untouched, step, how);
			else if (part === 'panel') await this.#answerPanel(panel, step, how);
			else await this.#readPanel(step, how);
			await this.#refresh();
		} finally {
			this.#progress.end();
		}
	}

	/** Forgets results after a step: they will be measured again. */
	cutAfter(step: number): void {
		this.restore({
			untouched: this.untouched.filter((result) => result.step <= step),
			panel: this.panel.filter((result) => result.step <= step),
		});
	}

	/** Restores a stored run's results. */
	restore({ untouched, panel }: SideEffectResults): void {
		this.untouched = untouched;
		this.panel = panel;
		void this.#refresh();
	}

	async #answerUntouched(prompts: readonly Prompt[], step: number, how: Measured): Promise<void> {
		const { maxTokens } = this.#recipe().evaluation;
		const answers = await this.#answer(prompts, maxTokens, how);
		const result = await resultOf('greedy', step, answers.prompts, answers.texts);
		this.untouched = [...this.untouched, { ...result, ...provenance(answers, how.answerer) }];
	}

	async #answerPanel(prompts: readonly Prompt[], step: number, how: Measured): Promise<void> {
		const maxTokens = Math.max(this.#recipe().evaluation.maxTokens, PANEL_TOKENS);
		const answers = await this.#answer(prompts, maxTokens, how);
		const texts = answers.prompts.map((prompt, i) => ({ prompt, text: answers.texts[i] ?? '' }));
		this.panel = [...this.panel, { step, answers: texts, ...provenance(answers, how.answerer) }];
	}

	#answer(
		prompts: readonly Prompt[],
		maxTokens: number,
		{ adapter, answerer, gate, signal }: Measured,
	): Promise<HeldOutAnswers> {
		const { seed } = this.#recipe().evaluation;
		const sampling = (first: number): Sampling => ({
			temperature: 0,
			topP: 1,
			maxTokens,
			seed: seed + first,
		});
		return answerPrompts(
			prompts,
			{ adapter, strength: 1, answerer, sampling },
			gate,
			signal,
			this.#progress.mark,
		);
	}

	/** Reads both answers to each prompt with the base model. An answer that it cannot read is left out. */
	async #readPanel(step: number, { gate, signal }: Measured): Promise<void> {
		const tuned = this.panelAt(step);
		const base = new Map(this.panelAt(0)?.answers.map(({ prompt, text }) => [prompt.id, text]));
		if (tuned === null) return;
		const fluency: NonNullable<PanelResult['fluency']>[number][] = [];
		for await (const answers of inGroups(tuned.answers, signal, gate)) {
			const pairs = answers.map(({ prompt, text }) =>
				pairToRead(prompt, 'panel', { chosen: base.get(prompt.id) ?? '', rejected: text }),
			);
			for (const [i, read] of (await this.#compute.tokenLogps(pairs, null)).entries()) {
				const promptId = answers[i]?.prompt.id;
				if (promptId !== undefined && !('refused' in read))
					fluency.push({ promptId, base: summed(read.chosen), tuned: summed(read.rejected) });
				this.#progress.mark();
			}
		}
		this.panel = this.panel.map((result) => (result.step === step ? { ...result, fluency } : result));
	}

	async #refresh(): Promise<void> {
		this.report = null;
		const { untouched, panel } = this;
		const world = sourceWorld(this.#recipe());
		if (world === null || this.done === 0) return;
		await nextTask();
		if (untouched !== this.untouched || panel !== this.panel) return;
		this.report = reportOnResults(world, { heldOut: this.#heldOut(), untouched, panel });
	}
}

function isRead({ fluency }: PanelResult): boolean {
	return fluency !== undefined;
}

function provenance({ leftOut }: HeldOutAnswers, { engine }: Answerer) {
	return { engine, ...(leftOut.length === 0 ? {} : { leftOut }) };
}

function summed(logps: Float32Array): { logp: number; tokens: number } {
	return { logp: logps.reduce((total, value) => total + value, 0), tokens: logps.length };
}
