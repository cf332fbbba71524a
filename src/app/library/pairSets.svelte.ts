/** The named sets of pairs in this browser, newest first: kept, renamed, deleted, and loaded for the recipes that name them. */
import { StorageError, toWire, type WireError } from '#core/errors.ts';
import { setContent, withSetIds } from '#core/pair/set/content.ts';
import {
	type DamagedSet,
	type KeptSet,
	SET_SCHEMA,
	type SetPair,
	type SetSummary,
} from '#core/pair/set/keptSet.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { SetReference } from '#core/recipe/setReference.ts';
import { cleanName, freeName } from '#core/text/name.ts';
import { Latest } from '../latest.ts';
import type { AppPorts } from '../ports.ts';
import { ImportedPairs, type KeptPairs } from '../recipe/importedData.svelte.ts';
import type { Kept, NewSet } from './newSet.ts';
import { OpenSet } from './openSet.svelte.ts';

export type SetPorts = Pick<AppPorts, 'sets' | 'sha256' | 'newId' | 'clock' | 'storage'>;

const EMPTY = new ImportedPairs();

export class PairSets implements KeptPairs {
	readonly #ports: SetPorts;
	readonly #refreshes = new Latest();
	/** Requests to show or leave a set. */
	readonly #openings = new Latest();

	list: readonly SetSummary[] = $state.raw([]);
	damaged: readonly DamagedSet[] = $state.raw([]);
	/** Why the sets could not be listed, kept or changed, or the recipe's set not be used; else null. */
	error: WireError | null = $state.raw(null);
	/** The set that the Shelf shows with its pairs, or null. */
	opened: OpenSet | null = $state.raw(null);
	/** Sets that recipes of this visit named, by the hash of their pairs. */
	#loaded: ReadonlyMap<string, ImportedPairs> = $state.raw(new Map());

	readonly bytes: number = $derived(
		[...this.list, ...this.damaged].reduce((sum, { bytes }) => sum + bytes, 0),
	);

	constructor(ports: SetPorts) {
		this.#ports = ports;
	}

	/** Reads the list again. Never throws; an error of another action stays. */
	async refresh(): Promise<void> {
		const isLatest = this.#refreshes.begin();
		try {
			const { sets, damaged } = await this.#ports.sets.survey();
			if (!isLatest()) return;
			this.list = sets.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
			this.damaged = damaged;
		} catch (error) {
			if (isLatest()) this.error ??= toWire(error);
		}
	}

	/** A name that no set has: the given one, or with a number after it. */
	freeName(name: string): string {
		return this.#freeName(name);
	}

	/** @param of id of a set that may have the name already */
	#freeName(name: string, of?: string): string {
		const inUse = new Set(this.list.filter(({ id }) => id !== of).map((set) => set.name));
		return freeName(cleanName(name) || 'Pairs', inUse);
	}

	/** Keeps pairs under a name. Null if there are none or the store refuses them; `error` says why. */
	async keep(name: string, { pairs, origins }: NewSet): Promise<Kept | null> {
		if (pairs.length === 0) return null;
		// Not awaited, because some browsers ask the user.
		void this.#ports.storage.persist().catch(() => null);
		return this.#try(async () => {
			await this.refresh();
			const { newId, clock } = this.#ports;
			const withIds = withSetIds(pairs);
			const sha256 = await this.#hash(withIds);
			const same = this.list.find((set) => set.sha256 === sha256);
			const wanted = this.#freeName(name, same?.id);
			if (same !== undefined)
				return { name: same.name, wanted, id: same.id, pairs: same.pairs, isNew: false };
			const set: KeptSet = {
				...{ schema: SET_SCHEMA, id: newId(), name: wanted, createdAt: clock.date() },
				...{ sha256, origins, pairs: withIds },
			};
			await this.#ports.sets.write(set, null);
			await this.refresh();
			return { name: wanted, wanted, id: set.id, pairs: set.pairs.length, isNew: true };
		});
	}

	/** Writes a set whose pairs were edited. Null if the store refuses it; `error` says why. */
	async rewrite(set: KeptSet, pairs: readonly SetPair[]): Promise<KeptSet | null> {
		return this.#try(async () => {
			const next = { ...set, pairs, sha256: await this.#hash(pairs) };
			await this.#ports.sets.write(next, set.sha256);
			await this.refresh();
			return next;
		});
	}

	/** A set with its pairs; null if it is gone or damaged, and `error` says why. */
	read(id: string): Promise<KeptSet | null> {
		return this.#try(async () => {
			const set = await this.#ports.sets.read(id);
			if (set === null) throw gone();
			return set;
		});
	}

	/** The stored text of a set, also of a damaged one. */
	readText(id: string): Promise<string | null> {
		return this.#try(() => this.#ports.sets.readText(id));
	}

	async rename(id: string, name: string): Promise<void> {
		const clean = cleanName(name);
		if (clean === '') return;
		await this.#try(() => this.#ports.sets.rename(id, clean));
		await this.refresh();
	}

	async remove(id: string): Promise<void> {
		if (this.opened?.set.id === id) this.close();
		await this.#try(() => this.#ports.sets.remove(id));
		await this.refresh();
	}

	/** Shows a set with its pairs, unless something else is asked for while it is read. If it cannot be read, `error` says why. */
	async open(id: string): Promise<void> {
		const isLatest = this.#openings.begin();
		const set = await this.read(id);
		if (!isLatest()) return;
		this.opened = set === null ? null : new OpenSet(this, set);
	}

	/** Shows the lists of the Shelf. */
	close(): void {
		this.#openings.begin();
		this.opened = null;
	}

	/** The pairs with a hash; none before they are loaded. */
	of(sha256: string): ImportedPairs {
		return this.#loaded.get(sha256) ?? EMPTY;
	}

	/** True if the recipe names a set that is not loaded. */
	lacks({ pairs: { set } }: Pick<Recipe, 'pairs'>): boolean {
		return set !== undefined && !this.#loaded.has(set.sha256);
	}

	/** Loads the set that a recipe names, by the hash of its pairs. If this browser lacks it, `error` says so. */
	async load({ pairs: { set } }: Pick<Recipe, 'pairs'>): Promise<void> {
		if (set === undefined) return;
		await this.#try(async () => {
			const { sets } = await this.#ports.sets.survey();
			const stored = sets.find(({ sha256 }) => sha256 === set.sha256);
			const found = stored === undefined ? null : await this.#ports.sets.read(stored.id);
			if (found === null) throw notHere(set, sets);
			this.take(found);
		});
	}

	/** Makes a set usable in recipes. */
	take({ name, sha256, pairs }: Pick<KeptSet, 'name' | 'sha256' | 'pairs'>): SetReference {
		if (!this.#loaded.has(sha256)) {
			const loaded = new ImportedPairs();
			loaded.takeSet(name, pairs);
			this.#loaded = new Map([...this.#loaded, [sha256, loaded]]);
		}
		return { name, sha256 };
	}

	/** Makes pairs of a file usable in recipes under a name, without keeping them. */
	async takeFile(name: string, pairs: readonly SetPair[]): Promise<SetReference> {
		return this.take({ name, pairs, sha256: await this.#hash(pairs) });
	}

	#hash(pairs: readonly SetPair[]): Promise<string> {
		return this.#ports.sha256(setContent(pairs));
	}

	async #try<T>(work: () => Promise<T>): Promise<T | null> {
		this.error = null;
		try {
			return await work();
		} catch (error) {
			this.error = toWire(error);
			return null;
		}
	}
}

function gone(): StorageError {
	return new StorageError('This set of pairs is no longer stored in this browser.', {
		code: 'set-gone',
		hint: 'It was deleted, perhaps in another tab.',
	});
}

function notHere({ name }: SetReference, sets: readonly SetSummary[]): StorageError {
	const changed = sets.some((set) => set.name === name);
	return new StorageError(
		changed
			? `The recipe trains on the set “${name}” with other pairs than the set of this name in this browser.`
			: `The recipe trains on the set “${name}”, which is not in this browser.`,
		{
			code: 'set-missing',
			hint: changed
				? 'The set was edited since, or is another one. Choose it again to train on its pairs of today.'
				: 'Add the set’s file on the Shelf, or choose other pairs.',
		},
	);
}
