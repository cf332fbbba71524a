/** One pair of a run in all eight forms; a form that the run has not reached is null. */
import { fromWire } from '#core/errors.ts';
import type { ScoredAnswer } from '#core/evaluation/evaluation.ts';
import { pairCredit } from '#core/loss/credit.ts';
import type { Output } from '#core/output/output.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { type Prompt, promptIdOf } from '#core/prompt/prompt.ts';
import { tokenJaccard } from '#core/revision/measures.ts';
import { firstSmallEdit } from '#core/revision/smallEdit.ts';
import type { Revision } from '#core/revision/revision.ts';
import type { TrailPoint } from '#core/run/run.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { Run } from '../run/run.svelte.ts';
import type { AdapterNorms } from '../steps/adapterNorms.ts';
import type { PairTokens } from '../steps/batchStep.svelte.ts';
import { scoredAnswer } from '../steps/evaluationViews.ts';

export interface PairCredit {
	tokens: PairTokens;
	/** By completion token. */
	chosen: Float64Array;
	rejected: Float64Array;
}

/** Null until they are known. */
export interface TrackedAnswers {
	before: ScoredAnswer | null;
	after: ScoredAnswer | null;
}

const NO_ANSWERS: TrackedAnswers = { before: null, after: null };

/** The first early pair with a small edit, which shows the words that mattered; else the first pair. */
function smallEdit(pairs: readonly PreferencePair[]): PreferencePair | undefined {
	return firstSmallEdit(pairs, ({ chosen, rejected }) => tokenJaccard(rejected, chosen)) ?? pairs[0];
}

export class TrackedPair {
	readonly #run: Run;
	readonly #engines: Engines;
	#picked: string | null = $state(null);
	/** The first answer with its score, and the tuned model's greedy one; see `askAnswers`. */
	answers: TrackedAnswers = $state.raw(NO_ANSWERS);
	/** Share of each completion token in the pair's rewards; null until `measureCredit`. */
	credit: PairCredit | null = $state.raw(null);

	constructor(run: Run, engines: Engines) {
		this.#run = run;
		this.#engines = engines;
	}

	/** The tracked prompt's id; without a pick that of an early pair with a small edit, else the first prompt; null before any. */
	readonly id: string | null = $derived.by(() => {
		const { pair, prompt } = this.#run.steps;
		if (this.#picked !== null) return promptIdOf(this.#picked);
		return smallEdit(pair.pairs)?.prompt.id ?? prompt.prompts[0]?.id ?? null;
	});
	/** The picked pair, else the pair made of the picked answer, else the first of the tracked prompt. */
	readonly pair: PreferencePair | null = $derived.by(() => {
		const { pairs } = this.#run.steps.pair;
		const isMade = (pair: PreferencePair): boolean => isSide(pair, this.#picked);
		return find(pairs, this.#picked) ?? pairs.find(isMade) ?? this.#ofPrompt(pairs, ({ prompt }) => prompt);
	});
	readonly pairId: string | null = $derived(this.pair?.id ?? null);
	/** The same if the user picked it; null while the first pair is followed. */
	readonly pickedPair: string | null = $derived(this.#picked === null ? null : this.pairId);
	readonly prompt: Prompt | null = $derived.by(() => find(this.#run.steps.prompt.prompts, this.id));
	readonly output: Output | null = $derived.by(() => {
		const { outputs } = this.#run.steps.output;
		return this.#inPair(outputs) ?? this.#ofPrompt(outputs, ({ prompt }) => prompt);
	});
	readonly revision: Revision | null = $derived.by(() => {
		const { rows } = this.#run.steps.revision;
		return this.#inPair(rows) ?? this.#ofPrompt(rows, ({ output }) => output.prompt);
	});
	/** The pair's rewards when last measured before the run's cursor. */
	readonly rewards: TrailPoint | null = $derived.by(() => {
		const { positions } = this.#run.cursor.training;
		const rewards = this.pairId === null ? undefined : positions.get(this.pairId);
		return rewards === undefined || rewards.step === 0 ? null : rewards;
	});
	readonly norms: AdapterNorms | null = $derived.by(() => this.#run.cursor.norms);
	/** 1-based place among the pairs, and how many there are: "pair 137 of 512". 0 if it is not among them. */
	readonly number: number = $derived.by(
		() => this.#run.steps.pair.pairs.findIndex((pair) => pair.id === this.pairId) + 1,
	);
	readonly total: number = $derived.by(() => this.#run.steps.pair.pairs.length);

	/** The id that the user follows: of a prompt, an output, a revision or a pair; null without a pick. */
	get picked(): string | null {
		return this.#picked;
	}

	/** @param id of a prompt, an output, a revision or a pair; null follows the first pair */
	follow(id: string | null): void {
		this.#picked = id;
		this.credit = null;
		this.answers = NO_ANSWERS;
	}

	/** Follows the next pair in order; after the last the first. */
	another(): void {
		const { pairs } = this.#run.steps.pair;
		const next = pairs[this.number % Math.max(1, pairs.length)];
		if (next !== undefined) this.follow(next.id);
	}

	/**
	 * Measures how the pair's rewards divide over its tokens, with the run's current adapter. Loads the model if no run has done so.
	 *
	 * @throws the engines' errors
	 */
	async measureCredit(): Promise<void> {
		const { pair } = this;
		const { recipe, steps, player } = this.#run;
		if (pair === null || (player.active && this.#engines.loadedModel === null)) return;
		await this.#engines.load(recipe.model, new AbortController().signal);
		const adapter = await this.#run.currentAdapter();
		if (adapter === null) return;
		const { compute } = this.#run.models;
		const tokens = await steps.batch.tokens(pair);
		const [reference] = await compute.tokenLogps([pair], null);
		const [policy] = await compute.tokenLogps([pair], adapter);
		if (this.pair !== pair || reference === undefined || policy === undefined) return;
		if ('refused' in reference) throw fromWire(reference.refused);
		if ('refused' in policy) throw fromWire(policy.refused);
		this.credit = { tokens, ...pairCredit(policy, reference, recipe.objective.beta) };
	}

	/** Asks the tuned model for its greedy answer, to be shown beside the first answer; see `answers`. */
	async askAnswers(): Promise<void> {
		const { prompt, output } = this;
		if (prompt === null || this.#engines.loadedModel === null) return;
		const adapter = await this.#run.currentAdapter();
		if (adapter === null) return;
		const text = await this.#run.steps.evaluation.answerOne(prompt, adapter);
		if (this.prompt?.id !== prompt.id) return;
		const before = output === null ? null : scoredAnswer(prompt, output.text);
		this.answers = { before, after: scoredAnswer(prompt, text) };
	}

	/** The picked answer, else one that is a side of the tracked pair. */
	#inPair<T extends { id: string }>(answers: readonly T[]): T | null {
		const { pair } = this;
		const side = answers.find(({ id }) => pair !== null && isSide(pair, id));
		return find(answers, this.#picked) ?? side ?? null;
	}

	/** The first of the tracked prompt. */
	#ofPrompt<T>(list: readonly T[], promptOf: (item: T) => Prompt): T | null {
		return list.find((item) => promptOf(item).id === this.id) ?? null;
	}
}

function find<T extends { id: string }>(list: readonly T[], id: string | null): T | null {
	return list.find((item) => item.id === id) ?? null;
}

/** True if the pair was made of this output or revision. */
function isSide({ from }: PreferencePair, id: string | null): boolean {
	return from !== null && (from.chosen.id === id || from.rejected.id === id);
}
