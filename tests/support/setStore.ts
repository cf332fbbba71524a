/** A store of sets in memory that copies as IndexedDB does: uncloneable values fail here too. */
import { type DamagedSet, type KeptSet, summaryOfSet } from '#core/pair/set/keptSet.ts';
import { expectSameEdition } from '#core/pair/set/storedSet.ts';
import type { SetStore, SetSurvey } from '#core/ports.ts';

export class MemorySetStore implements SetStore {
	readonly sets = new Map<string, KeptSet>();
	broken: readonly DamagedSet[] = [];
	/** Thrown by every write. */
	error: Error | null = null;

	survey(): Promise<SetSurvey> {
		const sets = [...this.sets.values()].map((set) => summaryOfSet(set, JSON.stringify(set).length));
		return Promise.resolve({ sets, damaged: this.broken });
	}
	read(id: string): Promise<KeptSet | null> {
		return Promise.resolve(structuredClone(this.sets.get(id) ?? null));
	}
	readText(id: string): Promise<string | null> {
		const set = this.sets.get(id);
		return Promise.resolve(set === undefined ? null : JSON.stringify(set));
	}
	async write(set: KeptSet, before: string | null): Promise<void> {
		const copy = await Promise.resolve(structuredClone(set));
		if (this.error !== null) throw this.error;
		const stored = this.sets.get(set.id);
		expectSameEdition(set.name, stored?.sha256, before);
		this.sets.set(set.id, { ...copy, name: stored?.name ?? copy.name });
	}
	rename(id: string, name: string): Promise<void> {
		const set = this.sets.get(id);
		if (set !== undefined) this.sets.set(id, { ...set, name });
		return Promise.resolve();
	}
	remove(id: string): Promise<void> {
		this.sets.delete(id);
		this.broken = this.broken.filter((set) => set.id !== id);
		return Promise.resolve();
	}
}
