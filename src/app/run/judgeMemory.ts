/**
 * Remembers the chosen judge of a win rate for a reload of the tab; once it was asked, the run itself names it. Secrets in an
 * endpoint's address are left out.
 */
import type { AskedModel } from '#core/recipe/askedModel.ts';
import { publicAddress } from '#core/recipe/endpoint.ts';
import type { TabMemory } from '../ports.ts';

const SLOT = 'anchorage.judge';

type NamedJudge = Pick<AskedModel, 'endpoint' | 'model'>;

export class JudgeMemory {
	readonly #memory: TabMemory | null;

	constructor(memory: TabMemory | null) {
		this.#memory = memory;
	}

	write(run: string | null, { endpoint, model }: AskedModel): void {
		this.#memory?.write(SLOT, JSON.stringify({ run, endpoint: publicAddress(endpoint), model }));
	}

	/** The judge that was chosen for this run; null if none was, or if the tab's memory holds something else. */
	read(run: string | null): NamedJudge | null {
		const text = this.#memory?.read(SLOT) ?? null;
		if (text === null) return null;
		try {
			const kept = JSON.parse(text) as { run?: unknown; endpoint?: unknown; model?: unknown } | null;
			const { endpoint, model } = kept ?? {};
			if (kept?.run !== run || typeof endpoint !== 'string' || typeof model !== 'string') return null;
			return { endpoint, model };
		} catch {
			return null;
		}
	}
}
