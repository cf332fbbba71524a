/** A store of grids in memory that keeps texts, as the browser's store does. */
import type { RunOutcome } from '#core/grid/outcome.ts';
import {
	type DamagedGrid,
	expectGridEdition,
	gridDeleted,
	readStoredGrid,
	readStoredOutcome,
	type StoredGrid,
	storedGridText,
	summaryOfGrid,
} from '#core/grid/stored.ts';
import type { GridStore, GridSurvey } from '#core/ports.ts';

export class MemoryGridStore implements GridStore {
	readonly texts = new Map<string, string>();
	readonly outcomeTexts = new Map<string, Map<string, string>>();
	broken: readonly DamagedGrid[] = [];
	/** Thrown by every write. */
	error: Error | null = null;

	survey(): Promise<GridSurvey> {
		const grids = [...this.texts.values()].map((text) => summaryOfGrid(readStoredGrid(text), text.length));
		return Promise.resolve({ grids, damaged: this.broken });
	}
	async read(id: string): Promise<StoredGrid | null> {
		const text = await Promise.resolve(this.texts.get(id));
		return text === undefined ? null : readStoredGrid(text);
	}
	outcomes(id: string): Promise<readonly RunOutcome[]> {
		const texts = [...(this.outcomeTexts.get(id)?.values() ?? [])];
		return Promise.resolve(texts.flatMap((text) => readStoredOutcome(text) ?? []));
	}
	async write(grid: StoredGrid): Promise<number> {
		const stored = await this.read(grid.id);
		if (this.error !== null) throw this.error;
		expectGridEdition(grid, stored?.edition);
		const edition = grid.edition + 1;
		this.texts.set(grid.id, storedGridText({ ...grid, edition }));
		return edition;
	}
	async writeOutcome(id: string, outcome: RunOutcome): Promise<void> {
		await Promise.resolve();
		if (this.error !== null) throw this.error;
		if (!this.texts.has(id)) throw gridDeleted(outcome.key);
		const own = this.outcomeTexts.get(id) ?? new Map<string, string>();
		this.outcomeTexts.set(id, own.set(outcome.key, JSON.stringify(outcome)));
	}
	remove(id: string): Promise<void> {
		this.texts.delete(id);
		this.outcomeTexts.delete(id);
		return Promise.resolve();
	}
}
