/** One kept set on the page: its pairs, the filter that shows some of them, and the sets that are made from it. */
import { pairContrast, type PairContrast } from '#core/pair/contrast.ts';
import { editPair, type EditedTexts, restorePair } from '#core/pair/set/edit.ts';
import { filterPairs, needsMeasures, NO_FILTER, type SetFilter, takesAll } from '#core/pair/set/filter.ts';
import type { KeptSet, SetPair } from '#core/pair/set/keptSet.ts';
import { mergeSets, type MergedSets } from '#core/pair/set/merge.ts';
import type { SetPart } from '#core/pair/set/split.ts';
import { mapInSlices } from '../async/slices.ts';
import type { Kept, NewSet } from './newSet.ts';

/** The actions on stored sets that an open set needs. Each gives null if the store refuses, and says why. */
interface SetKeeper {
	keep(name: string, set: NewSet): Promise<Kept | null>;
	rewrite(set: KeptSet, pairs: readonly SetPair[]): Promise<KeptSet | null>;
	read(id: string): Promise<KeptSet | null>;
}

export class OpenSet {
	readonly #sets: SetKeeper;
	readonly #contrasts = new WeakMap<SetPair, PairContrast>();

	set: KeptSet;
	filter: SetFilter = $state.raw(NO_FILTER);
	/** Id of the pair in view; null shows the first. */
	selected: string | null = $state(null);
	/** Number of pairs whose measures are known; see `measure`. */
	measured: number = $state(0);
	/** The sets that the last action kept. */
	kept: readonly Kept[] = $state.raw([]);

	/** The pairs that the filter takes. A range takes only pairs whose measures are known. */
	readonly shown: readonly SetPair[] = $derived.by(() => {
		const { pairs } = this.set;
		const known = needsMeasures(this.filter) ? pairs.slice(0, this.measured) : pairs;
		return filterPairs(known, this.filter, (pair) => this.contrastOf(pair));
	});
	readonly showsAll: boolean = $derived(takesAll(this.filter));
	readonly pair: SetPair | null = $derived(
		this.shown.find(({ id }) => id === this.selected) ?? this.shown[0] ?? null,
	);
	/** Families and methods of the pairs, in the order of their first pairs. */
	readonly families: readonly (string | null)[] = $derived.by(() => [
		...new Set(this.set.pairs.map(({ prompt }) => prompt.family)),
	]);
	readonly methods: readonly string[] = $derived.by(() => [
		...new Set(this.set.pairs.map(({ method }) => method)),
	]);

	constructor(sets: SetKeeper, set: KeptSet) {
		this.#sets = sets;
		this.set = $state.raw(set);
	}

	contrastOf(pair: SetPair): PairContrast {
		const known = this.#contrasts.get(pair);
		if (known !== undefined) return known;
		const contrast = pairContrast(pair);
		this.#contrasts.set(pair, contrast);
		return contrast;
	}

	/** Measures all pairs, in slices that leave time for the page. */
	async measure(signal: AbortSignal): Promise<void> {
		await mapInSlices(
			this.set.pairs,
			(pair) => this.contrastOf(pair),
			signal,
			(done) => (this.measured = done),
		);
	}

	/** Changes one pair by hand. @returns why the texts are no pair; null if the pair is kept or `sets.error` says why not */
	async edit(pair: SetPair, texts: EditedTexts): Promise<string | null> {
		const edited = editPair(pair, texts);
		if (typeof edited === 'string') return edited;
		if (edited !== pair) await this.#replace(pair, edited);
		return null;
	}

	/** Takes all edits of a pair back. */
	async restore(pair: SetPair): Promise<void> {
		await this.#replace(pair, restorePair(pair));
	}

	/** Keeps the pairs that are shown as a new set. */
	async keepShown(name: string): Promise<void> {
		await this.#keep([[name, this.shown]]);
	}

	/** Keeps each part as a new set. */
	async split(parts: readonly SetPart[]): Promise<void> {
		await this.#keep(parts.map(({ label, pairs }) => [`${this.set.name}, ${label}`, pairs]));
	}

	/** The result of a merge with other sets; null if one of them cannot be read. */
	async merged(ids: readonly string[]): Promise<MergedSets | null> {
		const others: KeptSet[] = [];
		for (const id of ids) {
			const other = await this.#sets.read(id);
			if (other === null) return null;
			others.push(other);
		}
		return mergeSets([this.set, ...others]);
	}

	/** Keeps the result of a merge as a new set. */
	async keepMerged(name: string, { pairs, origins }: MergedSets): Promise<void> {
		const kept = await this.#sets.keep(name, { pairs, origins });
		this.kept = kept === null ? [] : [kept];
	}

	async #keep(parts: readonly (readonly [name: string, pairs: readonly SetPair[]])[]): Promise<void> {
		this.kept = [];
		const done: Kept[] = [];
		for (const [name, pairs] of parts) {
			const kept = await this.#sets.keep(name, { pairs, origins: this.set.origins });
			if (kept !== null) done.push(kept);
		}
		this.kept = done;
	}

	async #replace(pair: SetPair, next: SetPair): Promise<void> {
		const pairs = this.set.pairs.map((one) => (one === pair ? next : one));
		const set = await this.#sets.rewrite(this.set, pairs);
		if (set !== null) this.set = set;
	}
}
