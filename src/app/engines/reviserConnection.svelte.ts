/** Keys of reviser endpoints, in memory only unless the user keeps one for this tab, and a trial request. */
import { Cancelled, toWire, type WireError } from '#core/errors.ts';
import type { ChatModel } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { AppPorts, TabMemory } from '../ports.ts';

export class ReviserConnection {
	readonly #reviser: AppPorts['reviser'];
	readonly #memory: TabMemory | null;

	/** By server, so that no key goes to another server. Never in a recipe, a run, an export or a log. */
	#keys: Readonly<Record<string, string>> = $state.raw({});
	#keeps: Readonly<Record<string, boolean>> = $state.raw({});
	/** Result of the trial request. */
	trial: { state: 'asking' | 'answered' | 'failed'; text: string; error: WireError | null } | null =
		$state.raw(null);

	constructor(reviser: AppPorts['reviser'], memory: TabMemory | null) {
		this.#reviser = reviser;
		this.#memory = memory;
	}

	/** The key for this endpoint's server, entered now or before a reload of this tab; empty if there is none. */
	keyFor(endpoint: string): string {
		const server = serverOf(endpoint);
		return this.#keys[server] ?? this.#memory?.read(slot(server)) ?? '';
	}

	/** All keys that the user entered since the last reload, so that a report can strike them out. */
	get allKeys(): readonly string[] {
		return Object.values(this.#keys).filter((key) => key !== '');
	}

	/** True if this server's key survives a reload of the tab. */
	keepsKeyFor(endpoint: string): boolean {
		const server = serverOf(endpoint);
		return this.#keeps[server] ?? (this.#memory?.read(slot(server)) ?? null) !== null;
	}

	setKey(endpoint: string, key: string, keepForTab = this.keepsKeyFor(endpoint)): void {
		const server = serverOf(endpoint);
		this.#keys = { ...this.#keys, [server]: key };
		this.#keeps = { ...this.#keeps, [server]: keepForTab };
		this.#memory?.write(slot(server), keepForTab && key !== '' ? key : null);
	}

	/** The model that revises, with the current key of its server. */
	model(settings: Recipe['reviser']): ChatModel {
		const key = this.keyFor(settings.endpoint);
		return this.#reviser(settings, key === '' ? null : key);
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

/** Scheme, host and port: a corrected path is still the same server. */
function serverOf(endpoint: string): string {
	return URL.canParse(endpoint) ? new URL(endpoint).origin : endpoint;
}

function slot(server: string): string {
	return `anchorage.key.${server}`;
}
