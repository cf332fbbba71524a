/** Pair: which revisions become preference pairs, which do not, and why not. */
import { buildPairs, type LeftOut, type LeftOutReason } from '#core/pair/build.ts';
import { writePairsJsonl } from '#core/pair/jsonl.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Revision } from '#core/revision/revision.ts';
import { figure, type Figure, type Station, type StationState } from './station.ts';

export class PairStep implements Station {
	readonly noun = 'pair';
	readonly #recipe: () => Recipe;
	readonly #rows: () => readonly Revision[];
	/** The pairs a run trains on, once it does; until then the pairs follow the revisions. */
	#fixed: readonly PreferencePair[] | null = $state.raw(null);

	readonly #built: { pairs: readonly PreferencePair[]; leftOut: readonly LeftOut[] } = $derived.by(() =>
		buildPairs(this.#rows(), this.#recipe().pairs),
	);
	/** What trains, or would train if training began now. */
	readonly pairs: readonly PreferencePair[] = $derived(this.#fixed ?? this.#built.pairs);
	readonly leftOut: readonly LeftOut[] = $derived(this.#built.leftOut);
	/** How many were left out for each reason; reasons that did not occur are missing. */
	readonly leftOutCounts: ReadonlyMap<LeftOutReason, number> = $derived(countReasons(this.leftOut));
	/** True once a person decided otherwise than the pairs that were trained on. */
	readonly changedSinceTraining: boolean = $derived(
		this.#fixed !== null && JSON.stringify(this.#fixed) !== JSON.stringify(this.#built.pairs),
	);
	readonly state: StationState = $derived.by(() => {
		if (this.pairs.length === 0)
			return this.#rows().some((row) => row.state === 'rejected') ? 'partial' : 'empty';
		return this.#rows().some((row) => row.state === 'waiting' || row.state === 'asking') ? 'partial' : 'done';
	});
	readonly progress: number = $derived.by(() => {
		const rows = this.#rows();
		const open = rows.filter((row) => row.state === 'waiting' || row.state === 'asking').length;
		return rows.length === 0 ? 0 : (rows.length - open) / rows.length;
	});
	readonly figure: Figure = $derived.by(() => {
		if (this.state === 'empty') {
			const { minJaccard } = this.#recipe().pairs;
			return figure(minJaccard > 0 ? `words in common ≥ ${minJaccard}` : 'all that differ');
		}
		return figure(`**${this.pairs.length}** kept`);
	});

	constructor(recipe: () => Recipe, rows: () => readonly Revision[]) {
		this.#recipe = recipe;
		this.#rows = rows;
	}

	byId(id: string): PreferencePair | null {
		return this.pairs.find((pair) => pair.id === id) ?? null;
	}

	/** Fixes the pairs for a training run. */
	fix(pairs: readonly PreferencePair[] = this.#built.pairs): void {
		this.#fixed = pairs;
	}

	/** The pairs follow the revisions again. */
	release(): void {
		this.#fixed = null;
	}

	/** TRL's JSONL: one `{"prompt", "chosen", "rejected"}` of message lists a line. */
	toJsonl(): string {
		return writePairsJsonl(this.pairs);
	}
}

function countReasons(leftOut: readonly LeftOut[]): ReadonlyMap<LeftOutReason, number> {
	const counts = new Map<LeftOutReason, number>();
	for (const { reason } of leftOut) counts.set(reason, (counts.get(reason) ?? 0) + 1);
	return counts;
}
