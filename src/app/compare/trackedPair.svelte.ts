/** Follow one pair: one prompt in all eight forms, as far as the run has come. A form that is not there yet is null. */
import type { ScoredAnswer } from '#core/evaluation/evaluation.ts';
import type { Output } from '#core/output/output.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
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

	/** The followed prompt's id: the picked one, else the first pair, else the first prompt. Null before any. */
	readonly id: string | null = $derived.by(
		() => this.#picked ?? this.#steps.pair.pairs[0]?.id ?? this.#steps.prompt.prompts[0]?.id ?? null,
	);
	readonly prompt: Prompt | null = $derived.by(() => this.#find(this.#steps.prompt.prompts));
	readonly output: Output | null = $derived.by(
		() => this.#steps.output.outputs.find((output) => output.prompt.id === this.id) ?? null,
	);
	readonly revision: Revision | null = $derived.by(() => this.#find(this.#steps.revision.rows));
	readonly pair: PreferencePair | null = $derived.by(() => this.#find(this.#steps.pair.pairs));
	/** The pair cut into tokens; null until `Session` has asked the compute engine. */
	tokens: TokenizedPair | null = $state.raw(null);
	/** What each completion token adds to the pair's rewards, once asked for; see `Session.creditFollowed`. */
	credit: PairCredit | null = $state.raw(null);
	/** Where the pair stands: its rewards when last measured. */
	readonly rewards: TrailPoint | null = $derived.by(() =>
		this.id === null ? null : (this.#steps.loss.positions.get(this.id) ?? null),
	);
	readonly norms: AdapterNorms | null = $derived.by(() => this.#steps.adapter.norms);
	/** 1-based place among the pairs, and how many there are: "pair 137 of 512". 0 when it is not among them. */
	readonly number: number = $derived.by(
		() => this.#steps.pair.pairs.findIndex((pair) => pair.id === this.id) + 1,
	);
	readonly total: number = $derived.by(() => this.#steps.pair.pairs.length);

	follow(id: string | null): void {
		this.#picked = id;
		this.tokens = null;
		this.credit = null;
		this.answers = { before: null, after: null };
	}

	/** Another pair: the next one in order, round and round. */
	another(): void {
		const { pairs } = this.#steps.pair;
		const next = pairs[this.number % Math.max(1, pairs.length)];
		if (next !== undefined) this.follow(next.id);
	}

	#find<T extends { id: string }>(list: readonly T[]): T | null {
		return list.find((item) => item.id === this.id) ?? null;
	}
}
