/** Remembers the edited recipe for a reload of the tab. Secrets in an endpoint's address are left out. */
import { withoutSecrets } from '#core/recipe/link.ts';
import { readDraft } from '#core/recipe/readDraft.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { TabMemory } from '../ports.ts';

const SLOT = 'anchorage.draft';

export class DraftMemory {
	readonly #memory: TabMemory | null;

	constructor(memory: TabMemory | null) {
		this.#memory = memory;
	}

	/** @param run id of the run whose recipe is changed; null on the first page */
	write(run: string | null, recipe: Recipe): void {
		this.#memory?.write(SLOT, JSON.stringify({ run, recipe: withoutSecrets(recipe) }));
	}

	/**
	 * The recipe that was edited for this run, also with a formula that is not finished; null if there is none, or if another value
	 * of it is out of range.
	 */
	read(run: string | null): Recipe | null {
		const text = this.#memory?.read(SLOT) ?? null;
		if (text === null) return null;
		try {
			const kept = JSON.parse(text) as { run?: unknown; recipe?: unknown } | null;
			return kept?.run === run ? readDraft(kept.recipe) : null;
		} catch {
			return null;
		}
	}
}
