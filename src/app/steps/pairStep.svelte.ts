/** Pair: which revisions become preference pairs, which do not, and why not; or the pairs that the user brought. */
import { AppError } from '#core/errors.ts';
import { buildPairs, type LeftOut, type LeftOutReason } from '#core/pair/methods/clair.ts';
import { importPairs, writePairsJsonl } from '#core/pair/jsonl.ts';
import type { PairSet, PreferencePair } from '#core/pair/pair.ts';
import { takePairs, type TakenPairs } from '#core/pair/take.ts';
import type { SkippedRow } from '#core/prompt/prompt.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Revision } from '#core/revision/revision.ts';
import { figure, type Figure, type StepSummary, type StepState } from './stepSummary.ts';

export class PairStep implements StepSummary {
	readonly noun = 'pair';
	readonly #recipe: () => Recipe;
	readonly #rows: () => readonly Revision[];
	/** The pairs a run trains on, once it does; until then the pairs follow the revisions. */
	#fixed: readonly PreferencePair[] | null = $state.raw(null);

	/** The user's own pairs, once imported. */
	own: PairSet | null = $state.raw(null);
	/** Rows of the import that were left out, each with its reason. */
	skipped: readonly SkippedRow[] = $state.raw([]);
	/** Pairs of held-out prompts, never trained on. Only where the pairs were imported. */
	heldOut: readonly PreferencePair[] = $state.raw([]);

	/** True where the recipe takes the user's own pairs: nothing is sampled or revised. */
	readonly imported: boolean = $derived.by(() => this.#recipe().pairs.method === 'imported');
	readonly #built: { pairs: readonly PreferencePair[]; leftOut: readonly LeftOut[] } = $derived.by(() =>
		this.imported
			? { pairs: this.#fixed ?? [], leftOut: [] }
			: buildPairs(this.#rows(), this.#recipe().pairs),
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
	readonly state: StepState = $derived.by(() => {
		if (this.imported) return this.pairs.length > 0 ? 'done' : 'empty';
		if (this.pairs.length === 0)
			return this.#rows().some((row) => row.state === 'rejected') ? 'partial' : 'empty';
		return this.#rows().some((row) => row.state === 'waiting' || row.state === 'asking') ? 'partial' : 'done';
	});
	readonly progress: number = $derived.by(() => {
		if (this.imported) return this.pairs.length > 0 ? 1 : 0;
		const rows = this.#rows();
		const open = rows.filter((row) => row.state === 'waiting' || row.state === 'asking').length;
		return rows.length === 0 ? 0 : (rows.length - open) / rows.length;
	});
	readonly figure: Figure = $derived.by(() => {
		if (this.imported) {
			if (this.pairs.length > 0) return figure(`**${this.pairs.length}** of your own`);
			return figure(`${this.own?.pairs.length ?? 0} to take`);
		}
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

	/**
	 * Reads the user's pairs from TRL's JSONL, in any of its shapes.
	 *
	 * @throws FormatError when nothing in it can be read as a pair, it is too large, or it is not UTF-8; what was there stays
	 */
	import(name: string, bytes: Uint8Array): void {
		const { set, skipped } = importPairs(name, bytes);
		this.own = set;
		this.skipped = skipped;
	}

	/**
	 * Fixes the imported pairs for a run, some of them held out.
	 *
	 * @throws AppError when there is none to train on
	 */
	take({ prompts, evaluation }: Recipe): TakenPairs {
		const own = this.own?.pairs ?? [];
		const taken = takePairs(own, {
			count: prompts.count,
			seed: prompts.seed,
			heldOutCount: evaluation.count,
			heldOutSeed: evaluation.seed,
		});
		if (taken.train.length === 0)
			throw new AppError('There are no pairs of your own to train on.', {
				code: 'own-pairs-missing',
				hint: 'Import pairs as JSONL, one in five of whose prompts is held out, or let CLAIR make them.',
				context: { brought: own.length },
			});
		this.restore(taken.train, taken.heldOut);
		return taken;
	}

	/** Fixes the pairs for a training run. */
	fix(pairs: readonly PreferencePair[] = this.#built.pairs): void {
		this.#fixed = pairs;
	}

	/** The pairs follow the revisions again; imported ones follow nothing and stay. */
	release(): void {
		if (!this.imported) this.#fixed = null;
	}

	/** Takes up a run's pairs; null where they follow its revisions. */
	restore(pairs: readonly PreferencePair[] | null, heldOut: readonly PreferencePair[] = []): void {
		this.#fixed = pairs;
		this.heldOut = heldOut;
	}

	clear(): void {
		this.restore(null);
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
