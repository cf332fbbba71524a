/** The models that a run asks at endpoints, to revise, judge or answer: keys of the endpoints, in memory only unless the user keeps one for this tab, and a trial request. */
import type { SentRequest, TokenPrice } from '#core/endpoint/sentRequest.ts';
import { Cancelled, toWire, type WireError } from '#core/errors.ts';
import type { ChatModel, ChatReply, OfferedModel, Progress, Retry } from '#core/ports.ts';
import { readAddress } from '#core/recipe/endpoint.ts';
import { keyProblem, readKey } from '#core/recipe/endpointKey.ts';
import { type Recipe, REPLY_TOKENS } from '#core/recipe/recipe.ts';
import { EMBEDDED, reviserKind } from '#core/recipe/reviserKind.ts';
import type { AppPorts, TabMemory } from '../ports.ts';
import { TrafficLog } from '../run/trafficLog.svelte.ts';
import type { EndpointTrial } from '../text/endpointTest.ts';
import { retrySentence } from '../text/endpointRetry.ts';
import type { SecondModel } from './secondModel.svelte.ts';
import { TokenPrices } from './tokenPrices.svelte.ts';

export type ReviserPorts = Pick<AppPorts, 'reviser' | 'offeredModels' | 'tabMemory' | 'frame' | 'clock'>;

export class ReviserConnection {
	readonly #reviser: AppPorts['reviser'];
	readonly #memory: TabMemory | null;
	readonly #second: SecondModel;

	/** By server, so that no key goes to another server. Never in a recipe, a run, an export or a log. */
	#keys: Readonly<Record<string, string>> = $state.raw({});
	#keeps: Readonly<Record<string, boolean>> = $state.raw({});
	/** Changes that an endpoint made necessary, by endpoint and model. */
	#notes: Readonly<Record<string, readonly string[]>> = $state.raw({});
	/** Models of other servers by name, with the key that they send: each remembers the settings that its server refuses. */
	readonly #models = new Map<string, { key: string; model: ChatModel }>();
	readonly #offeredModels: AppPorts['offeredModels'];
	readonly prices = new TokenPrices();
	/** Requests of tests since the last reload: they belong to no run. */
	readonly tests: TrafficLog;
	/** Why a request is sent again and when, in one sentence; null if none waits. */
	retrying: string | null = $state(null);
	/** Results of the latest tests, by the place in the recipe: `reviser`, `judge`, `others 1`. */
	#trials: Readonly<Record<string, EndpointTrial>> = $state.raw({});

	constructor(ports: ReviserPorts, second: SecondModel) {
		this.#reviser = ports.reviser;
		this.#memory = ports.tabMemory;
		this.#offeredModels = ports.offeredModels;
		this.#second = second;
		this.tests = new TrafficLog(ports);
	}

	/** Loading progress of a second model on this machine, or null. */
	get loading(): Progress | null {
		return this.#second.progress;
	}

	/** Result of the reviser's latest test. */
	get trial(): EndpointTrial | null {
		return this.trialOf(REVISER);
	}

	set trial(trial: EndpointTrial | null) {
		this.#setTrial(REVISER, trial);
	}

	/** Result of the latest test of the model at a place in the recipe. */
	trialOf(place: string): EndpointTrial | null {
		return this.#trials[place] ?? null;
	}

	/** Forgets a test, because other settings took the place of those that were tested. */
	forgetTrial(place: string): void {
		this.#setTrial(place, null);
	}

	#setTrial(place: string, trial: EndpointTrial | null): void {
		const others = Object.entries(this.#trials).filter(([name]) => name !== place);
		this.#trials = Object.fromEntries(trial === null ? others : [...others, [place, trial]]);
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

	/**
	 * Runs a run's work with the model that revises. A second model is loaded before and disposed of after.
	 *
	 * @param traffic receives the requests that leave the page
	 */
	use<T>(
		settings: Recipe['reviser'],
		traffic: TrafficLog,
		signal: AbortSignal,
		work: (model: ChatModel) => Promise<T>,
	): Promise<T> {
		return reviserKind(settings) === 'local'
			? this.#second.use(settings.model, signal, work)
			: work(this.model(settings, traffic));
	}

	/**
	 * The model that revises, for single requests, with the current key of its server.
	 *
	 * @param traffic receives the requests that leave the page
	 */
	model(settings: Recipe['reviser'], traffic: TrafficLog): ChatModel {
		if (reviserKind(settings) === 'local') return this.#second.chat(settings.model);
		const model = this.#modelOf(settings);
		const onSent = (sent: SentRequest): void => traffic.add(sent, this.#priceOf(settings));
		return {
			id: model.id,
			complete: async (request, signal, onText) => {
				const onRetry = (retry: Retry): void => {
					this.retrying = retrySentence(retry);
				};
				try {
					const reply = await model.complete({ ...request, onSent, onRetry }, signal, onText);
					this.#note(nameOf(settings), reply);
					return reply;
				} finally {
					// Another request that still waits is announced again before its next wait.
					this.retrying = null;
				}
			},
		};
	}

	#modelOf(settings: Recipe['reviser']): ChatModel {
		const key = this.keyFor(settings.endpoint);
		const name = nameOf(settings);
		const known = this.#models.get(name);
		if (known?.key === key) return known.model;
		const model = this.#reviser(settings, key === '' ? null : key);
		// The page finds its own cast again for every run.
		if (settings.endpoint !== EMBEDDED) this.#models.set(name, { key, model });
		return model;
	}

	#note(name: string, { notes = [] }: ChatReply): void {
		if (notes.join() !== (this.#notes[name] ?? []).join()) this.#notes = { ...this.#notes, [name]: notes };
	}

	#priceOf(settings: Recipe['reviser']): TokenPrice | null {
		const known = this.prices.priceOf(settings);
		return known === null ? null : { prompt: known.prompt, completion: known.completion };
	}

	/**
	 * Asks the endpoint for its models and one short question, so that a wrong address or key shows before a run.
	 * Without a model in the settings, asks for the models only.
	 */
	async tryOut(
		settings: Recipe['reviser'],
		signal: AbortSignal = new AbortController().signal,
		place: string = REVISER,
	): Promise<void> {
		const trial: EndpointTrial = { ...UNTESTED, model: settings.model };
		const show = (shown: EndpointTrial | null): void => this.#setTrial(place, shown);
		show(trial);
		try {
			const listed = await this.#list(settings, signal);
			const models = 'models' in listed ? listed.models : null;
			if (settings.model.trim() === '') {
				const failure = 'error' in listed ? listed.error : null;
				show({ ...trial, models, error: failure, state: failure === null ? 'listed' : 'failed' });
				return;
			}
			show({ ...trial, models, ...(await this.#question(settings, signal)) });
		} catch (error) {
			show(error instanceof Cancelled ? null : { ...trial, state: 'failed', error: toWire(error) });
		}
		this.tests.flush();
	}

	async #list(
		{ endpoint }: Recipe['reviser'],
		signal: AbortSignal,
	): Promise<{ models: readonly OfferedModel[] } | { error: WireError }> {
		const key = this.keyFor(endpoint);
		const onSent = (sent: SentRequest): void => this.tests.add(sent);
		try {
			const models = await this.#offeredModels(endpoint, key === '' ? null : key, signal, onSent);
			this.prices.learn(endpoint, models);
			return { models };
		} catch (error) {
			if (error instanceof Cancelled) throw error;
			return { error: toWire(error) };
		}
	}

	async #question(
		settings: Recipe['reviser'],
		signal: AbortSignal,
	): Promise<Pick<EndpointTrial, 'state' | 'text' | 'error' | 'sent'>> {
		const { maxTokens = REPLY_TOKENS, seed } = settings;
		const messages = [{ role: 'user', content: 'Reply with the word ready.' }] as const;
		// The run's own limit, so that a model that reasons first has the same room.
		const request = { messages, sampling: { temperature: 0, topP: 1, maxTokens, seed } };
		try {
			// Streamed, as the requests of a run are.
			const reply = await this.model(settings, this.tests).complete(request, signal, () => undefined);
			this.tests.flush();
			return {
				state: 'answered',
				text: answerIn(reply),
				error: null,
				sent: this.tests.requests.at(-1) ?? null,
			};
		} catch (error) {
			if (error instanceof Cancelled) throw error;
			return { state: 'failed', text: '', error: toWire(error), sent: null };
		}
	}
}

/** The reviser's place among the tests. */
const REVISER = 'reviser';

const UNTESTED: EndpointTrial = {
	state: 'asking',
	model: '',
	text: '',
	error: null,
	models: null,
	sent: null,
};

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
