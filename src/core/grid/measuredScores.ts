/** Scores of seeds and prompts with their resamples, which are drawn once. */
import type { Estimate } from '../evaluation/evaluation.ts';
import { common, haveSameRows, intervalOf, resampled, type Resampled, type SeedScores } from './resample.ts';

export class MeasuredScores {
	readonly scores: SeedScores;
	#whole: Resampled | null = null;
	/** Resamples of parts, each with its scores; two cells share a part if one of them has fewer seeds. */
	readonly #parts: { readonly scores: SeedScores; readonly resampled: Resampled }[] = [];

	constructor(scores: SeedScores) {
		this.scores = scores;
	}

	/** Over all seeds and prompts. */
	get whole(): Resampled {
		this.#whole ??= resampled(this.scores);
		return this.#whole;
	}

	/** Mean with its interval; n counts the prompts of a seed. */
	get estimate(): Estimate {
		return estimateOf(this.whole, promptsOf(this.scores));
	}

	/** Both with the same draws, on the seeds and prompts that both have. */
	pairedWith(other: MeasuredScores): readonly [Resampled, Resampled] {
		if (haveSameRows(this.scores, other.scores)) return [this.whole, other.whole];
		const { a, b } = common(this.scores, other.scores);
		return [this.on(a), other.on(b)];
	}

	/** @param part some of the seeds and prompts */
	on(part: SeedScores): Resampled {
		if (haveSameRows(part, this.scores)) return this.whole;
		const known = this.#parts.find(({ scores }) => haveSameRows(scores, part));
		if (known !== undefined) return known.resampled;
		const made = { scores: part, resampled: resampled(part) };
		this.#parts.push(made);
		return made.resampled;
	}
}

export function estimateOf({ mean: score, resamples }: Resampled, n: number): Estimate {
	return { score, ...intervalOf(resamples), n };
}

/** The fewest prompts of a seed; 0 without seeds. */
export function promptsOf({ prompts }: SeedScores): number {
	return prompts.length === 0 ? 0 : Math.min(...prompts.map(({ length }) => length));
}
