/** Follows one pair: one prompt in all eight forms, as far as the run has come. A form that is not there yet is null. */
import type { ScoredAnswer } from '#core/evaluation/evaluation.ts';
import type { Output } from '#core/output/output.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { type Prompt, promptIdOf } from '#core/prompt/prompt.ts';
import type { Revision } from '#core/revision/revision.ts';
import type { TrailPoint } from '#core/run/run.ts';
import type { AdapterNorms } from '../steps/adapterNorms.ts';
import type { TokenizedPair } from '../steps/batchStep.svelte.ts';
import type { Steps } from '../steps/steps.ts';

export interface PairCredit {
	tokens: TokenizedPair;
	/** By completion token. */
	chosen: Float64Array;
	rejected: Float64Array;
}

export class TrackedPair {
	readonly #steps: Steps;
	#picked: string | null = $state(null);
	/** The first answer with its score, and the tuned model's greedy one, once asked for; see `Session.answerFollowed`. */
	answers: { before: ScoredAnswer | null; after: ScoredAnswer | null } = $state.raw({
		before: null,
		after: null,
	});

	constructor(steps: Steps) {
		this.#steps = steps;
	}

	/** The followed prompt's id; without a pick the first pair's, else the first prompt; null before any. */
	readonly id: string | null = $derived.by(() => {
		const { pair, prompt } = this.#steps;
		if (this.#picked !== null) return promptIdOf(this.#picked);
		return pair.pairs[0]?.prompt.id ?? prompt.prompts[0]?.id ?? null;
	});
	/** The picked pair, else the pair that was made of the picked answer, else the first of the followed prompt. */
	readonly pair: PreferencePair | null = $derived.by(() => {
		const { pairs } = this.#steps.pair;
		const isMade = (pair: PreferencePair): boolean => isSide(pair, this.#picked);
		return find(pairs, this.#picked) ?? pairs.find(isMade) ?? this.#ofPrompt(pairs, ({ prompt }) => prompt);
	});
	readonly pairId: string | null = $derived(this.pair?.id ?? null);
	readonly prompt: Prompt | null = $derived.by(() => find(this.#steps.prompt.prompts, this.id));
	readonly output: Output | null = $derived.by(() => {
		const { outputs } = this.#steps.output;
		return this.#inPair(outputs) ?? this.#ofPrompt(outputs, ({ prompt }) => prompt);
	});
	readonly revision: Revision | null = $derived.by(() => {
		const { rows } = this.#steps.revision;
		return this.#inPair(rows) ?? this.#ofPrompt(rows, ({ output }) => output.prompt);
	});
	/** The pair cut into tokens; null until `Session` has asked the compute engine. */
	tokens: TokenizedPair | null = $state.raw(null);
	/** The share of each completion token in the pair's rewards, once asked for; see `Session.creditFollowed`. */
	credit: PairCredit | null = $state.raw(null);
	/** The pair's rewards when last measured. */
	readonly rewards: TrailPoint | null = $derived.by(() =>
		this.pairId === null ? null : (this.#steps.loss.positions.get(this.pairId) ?? null),
	);
	readonly norms: AdapterNorms | null = $derived.by(() => this.#steps.adapter.norms);
	/** 1-based place among the pairs, and how many there are: "pair 137 of 512". 0 when it is not among them. */
	readonly number: number = $derived.by(
		() => this.#steps.pair.pairs.findIndex((pair) => pair.id === this.pairId) + 1,
	);
	readonly total: number = $derived.by(() => this.#steps.pair.pairs.length);

	/** @param id of a prompt, an output, a revision or a pair; null follows the first pair */
	follow(id: string | null): void {
		this.#picked = id;
		this.tokens = null;
		this.credit = null;
		this.answers = { before: null, after: null };
	}

	/** Follows the next pair in order; after the last one the first. */
	another(): void {
		const { pairs } = this.#steps.pair;
		const next = pairs[this.number % Math.max(1, pairs.length)];
		if (next !== undefined) this.follow(next.id);
	}

	/** The picked answer, else one that is a side of the followed pair. */
	#inPair<T extends { id: string }>(answers: readonly T[]): T | null {
		const { pair } = this;
		const side = answers.find(({ id }) => pair !== null && isSide(pair, id));
		return find(answers, this.#picked) ?? side ?? null;
	}

	/** The first of the followed prompt. */
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
