/** Head to head: a person votes on held-out answers of base and tuned model without knowing which is which. */
import { pairAnswers, type AnswerPair } from '#core/evaluation/compare.ts';
import type { HeldOutResult } from '#core/evaluation/evaluation.ts';
import {
	isSameText,
	PERSON,
	winRate,
	type HeadToHead,
	type Verdict,
	type Winner,
	type WinRate,
} from '#core/evaluation/headToHead.ts';
import { rng } from '#core/math/rng.ts';

/** Two answers without their names, in an order that says nothing. */
export interface Ballot {
	promptId: string;
	prompt: string;
	first: string;
	second: string;
}

/** A vote by place. */
export type Choice = 'first' | 'second' | 'tie';

/** Both results of the decoding mode that the view compares; null before they are there. */
interface Sides {
	before: HeldOutResult | null;
	after: HeldOutResult | null;
}

export class HeadToHeads {
	readonly #sides: () => Sides;
	/** Called after every decision. */
	onDecided: () => void = () => undefined;

	/** Every judge's decisions, as a run stores them. */
	results: readonly HeadToHead[] = $state.raw([]);
	/** The state of the model whose answers the view compares; null before it is evaluated. */
	readonly shown: Pick<HeadToHead, 'mode' | 'step'> | null = $derived.by(() => {
		const { after } = this.#sides();
		return after === null ? null : { mode: after.mode, step: after.step };
	});

	/** Held-out prompts that both models answered. */
	readonly pairs: readonly AnswerPair[] = $derived.by(() => {
		const { before, after } = this.#sides();
		return before === null || after === null ? [] : pairAnswers(before.answers, after.answers);
	});
	/** Those with two different answers, in an order that does not follow the families. */
	readonly #different: readonly AnswerPair[] = $derived.by(() =>
		rng(this.#sides().after?.step ?? 0)
			.fork('ballots')
			.shuffle(this.pairs.filter((pair) => !isSameText(pair))),
	);
	/** The person's votes on the shown answers, in order. */
	readonly votes: readonly Verdict[] = $derived.by(() => this.#found()?.verdicts ?? []);
	/** Pairs to vote on. */
	readonly total: number = $derived(this.#different.length);
	/** The next pair without a vote; null if all have one. */
	readonly ballot: Ballot | null = $derived.by(() => {
		const voted = new Set(this.votes.map(({ promptId }) => promptId));
		const pair = this.#different.find(({ prompt }) => !voted.has(prompt.id));
		if (pair === undefined) return null;
		const { prompt, before, after } = pair;
		const [first, second] = this.#tunedFirst(prompt.id) ? [after, before] : [before, after];
		return { promptId: prompt.id, prompt: prompt.text, first: first.text, second: second.text };
	});
	/** The votes so far. */
	readonly tally: WinRate = $derived(winRate(this.pairs, this.votes));

	/** @param sides the results of base and tuned model in the mode that the view shows */
	constructor(sides: () => Sides) {
		this.#sides = sides;
	}

	/** Votes on the open ballot, by place. */
	vote(choice: Choice): void {
		const { ballot } = this;
		if (ballot === null) return;
		const { promptId } = ballot;
		this.#keep([...this.votes, { promptId, winner: this.#winner(promptId, choice) }]);
	}

	/** Takes the last vote back. */
	undo(): void {
		if (this.votes.length > 0) this.#keep(this.votes.slice(0, -1));
	}

	/** Forgets decisions about steps after this one: their answers will be made again. */
	cutAfter(step: number): void {
		this.results = this.results.filter((result) => result.step <= step);
	}

	restore(results: readonly HeadToHead[]): void {
		this.results = results;
	}

	/** Puts a judge's decisions in the place of its earlier ones on the same state of the model; null removes those. */
	replace(earlier: HeadToHead | undefined, result: HeadToHead | null): void {
		const others = this.results.filter((one) => one !== earlier);
		this.results = result === null ? others : [...others, result];
	}

	#winner(promptId: string, choice: Choice): Winner {
		if (choice === 'tie') return 'tie';
		return (choice === 'first') === this.#tunedFirst(promptId) ? 'tuned' : 'base';
	}

	/** Which side comes first differs from prompt to prompt, and a pair keeps its order when it is shown again. */
	#tunedFirst(promptId: string): boolean {
		const { after } = this.#sides();
		return (
			rng(after?.step ?? 0)
				.fork(`first:${promptId}`)
				.next() < 0.5
		);
	}

	#found(): HeadToHead | undefined {
		return this.results.find(
			({ judge, mode, step }) => judge === PERSON && mode === this.shown?.mode && step === this.shown.step,
		);
	}

	#keep(verdicts: readonly Verdict[]): void {
		const { shown } = this;
		if (shown === null) return;
		const votes = verdicts.length === 0 ? null : { judge: PERSON, ...shown, verdicts };
		this.replace(this.#found(), votes);
		this.onDecided();
	}
}
