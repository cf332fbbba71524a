/** The reviser's address as the person gives it, and its key: in memory only, unless asked to be kept for this tab. */
import { Cancelled, toWire, type WireError } from '#core/errors.ts';
import type { ChatModel } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { AppPorts, TabMemory } from './ports.ts';

export class ReviserConnection {
	readonly #reviser: AppPorts['reviser'];
	readonly #memory: TabMemory | null;

	/** Never in a recipe, a run, an export or a log. */
	key: string = $state('');
	keepForTab: boolean = $state(false);
	/** What a trial question came to. */
	trial: { state: 'asking' | 'answered' | 'failed'; text: string; error: WireError | null } | null =
		$state.raw(null);

	constructor(reviser: AppPorts['reviser'], memory: TabMemory | null) {
		this.#reviser = reviser;
		this.#memory = memory;
	}

	/** Reads back a key that was kept for this tab and this endpoint. */
	recall(endpoint: string): void {
		const kept = this.#memory?.read(slot(endpoint)) ?? null;
		if (kept === null) return;
		this.key = kept;
		this.keepForTab = true;
	}

	setKey(endpoint: string, key: string, keepForTab = this.keepForTab): void {
		this.key = key;
		this.keepForTab = keepForTab;
		this.#memory?.write(slot(endpoint), keepForTab && key !== '' ? key : null);
	}

	/** The model that revises, with the key as it is now. */
	model(settings: Recipe['reviser']): ChatModel {
		return this.#reviser(settings, this.key === '' ? null : this.key);
	}

	/** Asks the endpoint one short question, so that a wrong address or key shows before a run. */
	async tryOut(
		settings: Recipe['reviser'],
		signal: AbortSignal = new AbortController().signal,
	): Promise<void> {
		this.trial = { state: 'asking', text: '', error: null };
		try {
			const request = {
				messages: [{ role: 'user', content: 'Reply with the word ready.' }] as const,
				sampling: { temperature: 0, topP: 1, maxTokens: 16, seed: settings.seed },
			};
			const reply = await this.model(settings).complete(request, signal);
			this.trial = { state: 'answered', text: reply.text, error: null };
		} catch (error) {
			this.trial = error instanceof Cancelled ? null : { state: 'failed', text: '', error: toWire(error) };
		}
	}
}

function slot(endpoint: string): string {
	return `anchorage.key.${endpoint}`;
}
