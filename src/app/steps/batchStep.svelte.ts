/** Batch: the pairs of one step as tokens, cut as the trainer cuts them. */
import type { StoredTokens } from '#core/batch/storedTokens.ts';
import { batchAt } from '#core/batch/sampler.ts';
import { toWire, type WireError } from '#core/errors.ts';
import type { PairLengths } from '#core/loss/objectives/atPair.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { ComputeEngine, Tokenized, TrainPlan } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { figure, type Figure, type StepSummary, type StepState } from './stepSummary.ts';

/** Pairs whose tokens are stored with a run. */
const MOST_KEPT = 512;

export interface PairTokens {
	pair: PreferencePair;
	chosen: Tokenized;
	rejected: Tokenized;
}

/** Inputs that the Batch step reads from other steps. */
export interface BatchSources {
	pairs: () => readonly PreferencePair[];
	/** Steps trained so far, 0 before the first. */
	step: () => number;
	running: () => boolean;
	plan: () => TrainPlan | null;
}

export class BatchStep implements StepSummary {
	readonly noun = 'batch';
	readonly #recipe: () => Recipe;
	readonly #compute: ComputeEngine;
	readonly #sources: BatchSources;
	/** Tokens by pair id: a pair is cut once. */
	#cut = new Map<string, PairTokens>();
	/** Tokens of trained pairs that are stored with the run. */
	#stored = new Map<string, StoredTokens>();

	/** 1-based step whose batch is shown. */
	shownStep: number = $state(1);
	/** That batch, tokenised; empty until `show` is done. */
	shown: readonly PairTokens[] = $state.raw([]);
	error: WireError | null = $state.raw(null);

	readonly plan: TrainPlan | null = $derived.by(() => this.#sources.plan());
	/** The pairs that the trainer draws from. */
	readonly #trained: readonly PreferencePair[] = $derived.by(() => {
		const without = new Set(this.plan?.leftOut?.map(({ id }) => id));
		return this.#sources.pairs().filter(({ id }) => !without.has(id));
	});
	/** Completion tokens by pair id; empty if the plan has none. */
	readonly #lengths: ReadonlyMap<string, PairLengths> = $derived.by(() => {
		const { chosen = [], rejected = [] } = this.plan?.completionTokens ?? {};
		// Other pairs than those that were trained on have other lengths.
		if ([chosen, rejected].some(({ length }) => length !== this.#trained.length)) return new Map();
		const meanChosen = mean(chosen);
		return new Map(
			this.#trained.map(({ id }, i) => [
				id,
				{ chosen: chosen[i] ?? NaN, rejected: rejected[i] ?? NaN, meanChosen },
			]),
		);
	});
	/** Steps per epoch, fractional. */
	readonly stepsPerEpoch: number = $derived.by(() => {
		const { batchPairs, accumulationSteps } = this.#recipe().training;
		return this.#trained.length / (batchPairs * accumulationSteps);
	});
	readonly progress: number = $derived.by(() =>
		Math.min(1, this.#sources.step() / this.#recipe().training.steps),
	);
	readonly state: StepState = $derived.by(() => {
		if (this.#sources.running()) return 'running';
		if (this.#sources.step() === 0) return 'empty';
		return this.progress < 1 ? 'partial' : 'done';
	});
	readonly figure: Figure = $derived.by(() => {
		const { batchPairs, accumulationSteps } = this.#recipe().training;
		const pairs = batchPairs * accumulationSteps;
		return figure(this.state === 'empty' ? `${pairs} pairs per step` : `**${pairs}** pairs per step`);
	});

	constructor(recipe: () => Recipe, compute: ComputeEngine, sources: BatchSources) {
		this.#recipe = recipe;
		this.#compute = compute;
		this.#sources = sources;
	}

	/** The pairs of a step, by the trainer's own seeded order. */
	pairsOf(step: number): readonly PreferencePair[] {
		const pairs = this.#trained;
		if (pairs.length === 0) return [];
		const { batchPairs, accumulationSteps, seed } = this.#recipe().training;
		const settings = { pairs: pairs.length, batchPairs, seed };
		const first = (step - 1) * accumulationSteps;
		return Array.from({ length: accumulationSteps }, (_, part) => batchAt(settings, first + part))
			.flat()
			.flatMap((i) => pairs[i] ?? []);
	}

	/**
	 * Completion lengths of a trained pair, with the mean of all pairs' chosen answers; null in runs saved by older versions. O(1).
	 */
	lengthsOf(pairId: string): PairLengths | null {
		return this.#lengths.get(pairId) ?? null;
	}

	/** The same with the mean of one step's chosen answers, as the objective read it there. */
	lengthsAt(pairId: string, step: number): PairLengths | null {
		const own = this.lengthsOf(pairId);
		const batch = this.pairsOf(step).flatMap(({ id }) => this.lengthsOf(id)?.chosen ?? []);
		return own && { ...own, meanChosen: mean(batch) };
	}

	/** Shows the batch of a step, tokenised. A pair that cannot be cut is named in `error`. The model must be loaded. */
	async show(step: number): Promise<void> {
		this.shownStep = step;
		const pairs = this.pairsOf(step);
		const cut = await Promise.allSettled(pairs.map((pair) => this.tokens(pair)));
		if (this.shownStep !== step) return;
		this.shown = cut.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
		const failed = cut.find((one) => one.status === 'rejected');
		this.error = failed === undefined ? null : toWire(failed.reason);
	}

	/** Tokens of the pairs that were shown, to be stored with the run. */
	get kept(): readonly StoredTokens[] {
		const cut = [...this.#cut.values()].map(({ pair, chosen, rejected }) => ({
			id: pair.id,
			chosen,
			rejected,
		}));
		const others = [...this.#stored.values()].filter(({ id }) => !this.#cut.has(id));
		return [...others, ...cut].slice(0, MOST_KEPT);
	}

	/** Tokens of a stored run: its trained pairs no longer change. */
	restore(tokens: readonly StoredTokens[] = []): void {
		this.#stored = new Map(tokens.map((one) => [one.id, one]));
	}

	/** True if the batch of a step can be shown without a model. */
	isKept(step: number): boolean {
		const pairs = this.pairsOf(step);
		return pairs.length > 0 && pairs.every(({ id }) => this.#stored.has(id) || this.#cut.has(id));
	}

	/** One pair as tokens; cut once and kept. */
	async tokens(pair: PreferencePair): Promise<PairTokens> {
		const known = this.#cut.get(pair.id);
		if (known?.pair === pair) return known;
		const stored = this.#stored.get(pair.id);
		const cut = stored
			? { chosen: stored.chosen, rejected: stored.rejected }
			: await this.#compute.tokenize(pair, this.#recipe().training.maxLength);
		const tokenized = { pair, ...cut };
		this.#cut.set(pair.id, tokenized);
		return tokenized;
	}
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
