/** The model that revises: keys of its endpoints, in memory only unless the user keeps one for this tab, and a trial request. */
import { Cancelled, toWire, type WireError } from '#core/errors.ts';
import type { ChatModel, ChatReply, Progress } from '#core/ports.ts';
import { readAddress } from '#core/recipe/endpoint.ts';
import { keyProblem, readKey } from '#core/recipe/endpointKey.ts';
import { type Recipe, REPLY_TOKENS } from '#core/recipe/recipe.ts';
import { EMBEDDED, reviserKind } from '#core/recipe/reviserKind.ts';
import type { AppPorts, TabMemory } from '../ports.ts';
import type { SecondModel } from './secondModel.svelte.ts';

export class ReviserConnection {
	readonly #reviser: AppPorts['reviser'];
	readonly #memory: TabMemory | null;
	readonly #second: SecondModel;

	/** By server, so that no key goes to another server. Never in a recipe, a run, an export or a log. */
	#keys: Readonly<Record<string, string>> = $state.raw({});
	#keeps: Readonly<Record<string, boolean>> = $state.raw({});
	/** Changes that an endpoint made necessary, by endpoint and model. */
	#notes: Readonly<Record<string, readonly string[]>> = $state.raw({});
	/** The latest model of another server with its key: it remembers the settings that the server refuses. */
	#latest: { name: string; key: string; model: ChatModel } | null = null;
	/** Result of the trial request. */
	trial: { state: 'asking' | 'answered' | 'failed'; text: string; error: WireError | null } | null =
		$state.raw(null);

	constructor(reviser: AppPorts['reviser'], memory: TabMemory | null, second: SecondModel) {
		this.#reviser = reviser;
		this.#memory = memory;
		this.#second = second;
	}

	/** Loading progress of a second model on this machine, or null. */
	get loading(): Progress | null {
		return this.#second.progress;
	}

	/** The key for this endpoint's server, entered now or before a reload of this tab; empty if there is none. */
	keyFor(endpoint: string): string {
		const server = serverOf(endpoint);
		return readKey(this.#keys[server] ?? this.#memory?.read(slot(server)) ?? '');
	}

	/** Why no request can carry this endpoint's key; null if it can. */
	keyProblemFor(endpoint: string): string | null {
		const problem = keyProblem(this.keyFor(endpoint));
		if (problem === null) return null;
		return `Character ${problem.position} of the key is ${problem.character}, which no HTTP header can carry. Copy the key again as plain text, or delete this character.`;
	}

	/** Changes that this endpoint made necessary so far, as sentences. */
	notesFor(settings: Recipe['reviser']): readonly string[] {
		return this.#notes[nameOf(settings)] ?? [];
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

	setKey(endpoint: string, text: string, keepForTab = this.keepsKeyFor(endpoint)): void {
		const server = serverOf(endpoint);
		const key = readKey(text);
		this.#keys = { ...this.#keys, [server]: key };
		this.#keeps = { ...this.#keeps, [server]: keepForTab };
		this.#memory?.write(slot(server), keepForTab && key !== '' ? key : null);
	}

	/**
	 * Checks what can be known before the first request.
	 *
	 * @throws AppError `second-model-unknown` · `second-model-webgpu`
	 */
	async expect(settings: Recipe['reviser']): Promise<void> {
		if (reviserKind(settings) === 'local') await this.#second.expect(settings.model);
	}

	/** Runs a run's work with the model that revises. A second model is loaded before and disposed of after. */
	use<T>(
		settings: Recipe['reviser'],
		signal: AbortSignal,
		work: (model: ChatModel) => Promise<T>,
	): Promise<T> {
		return reviserKind(settings) === 'local'
			? this.#second.use(settings.model, signal, work)
			: work(this.model(settings));
	}

	/** The model that revises, for single requests, with the current key of its server. */
	model(settings: Recipe['reviser']): ChatModel {
		if (reviserKind(settings) === 'local') return this.#second.chat(settings.model);
		const model = this.#modelOf(settings);
		return {
			id: model.id,
			complete: async (request, signal, onText) => {
				const reply = await model.complete(request, signal, onText);
				this.#note(nameOf(settings), reply);
				return reply;
			},
		};
	}

	#modelOf(settings: Recipe['reviser']): ChatModel {
		const key = this.keyFor(settings.endpoint);
		const name = nameOf(settings);
		if (this.#latest?.name === name && this.#latest.key === key) return this.#latest.model;
		const model = this.#reviser(settings, key === '' ? null : key);
		// The page finds its own reviser again for every run.
		this.#latest = settings.endpoint === EMBEDDED ? null : { name, key, model };
		return model;
	}

	#note(name: string, { notes = [] }: ChatReply): void {
		if (notes.join() !== (this.#notes[name] ?? []).join()) this.#notes = { ...this.#notes, [name]: notes };
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
				// The run's own limit, so that a model that reasons first has the same room.
				sampling: {
					temperature: 0,
					topP: 1,
					maxTokens: settings.maxTokens ?? REPLY_TOKENS,
					seed: settings.seed,
				},
			};
			const reply = await this.model(settings).complete(request, signal);
			this.trial = { state: 'answered', text: answerIn(reply), error: null };
		} catch (error) {
			this.trial = error instanceof Cancelled ? null : { state: 'failed', text: '', error: toWire(error) };
		}
	}
}

/** Scheme, host and port: a corrected path is still the same server. */
function serverOf(endpoint: string): string {
	const { address } = readAddress(endpoint);
	// Addresses of other schemes share the origin "null".
	return /^https?:/i.test(address) && URL.canParse(address) ? new URL(address).origin : endpoint;
}

function nameOf({ endpoint, model }: Recipe['reviser']): string {
	return `${endpoint} ${model}`;
}

/** The trial's answer; an empty one says how it ended. */
function answerIn({ text, ending }: ChatReply): string {
	return text.trim() === '' && ending !== undefined ? `(nothing; it ended with ${ending})` : text;
}

function slot(server: string): string {
	return `anchorage.key.${server}`;
}
