/** The port `ModelKeeper` within its thread: looks into places, adds models one at a time, lists and deletes them. */
import { AppError, Cancelled } from '#core/errors.ts';
import type {
	KeepControl,
	KeepEvent,
	KeptModel,
	ModelInspection,
	ModelKeeper,
	ModelPlace,
	ModelShelf,
} from '#core/model/keeper.ts';
import { openFileCache, type FileCache } from '../fileCache.ts';
import type { Fetch } from '../http/request.ts';
import type { AskOptions } from '../hub/ask.ts';
import { checkHub } from '../hub/check.ts';
import { openPlace } from '../places/openPlace.ts';
import type { ModelDownloadOptions } from '../transfer/modelDownload.ts';
import { inspectPlace } from './inspect.ts';
import { keepModel } from './keepModel.ts';
import { withModelAlone } from './modelLock.ts';
import { KeptStore } from './keptStore.ts';
import { Pause } from './pause.ts';

export interface KeeperParts {
	fetch?: Fetch;
	cache?: FileCache;
	/** Milliseconds on a clock that does not go back. */
	now?: () => number;
	/** Of questions to a hub, for tests. */
	asking?: Partial<AskOptions>;
	/** Of the downloads, for tests. */
	transfer?: Partial<ModelDownloadOptions>;
}

interface Adding {
	pause: Pause;
	stop: AbortController;
	/** Null until it is known. */
	id: string | null;
}

export class LocalModelKeeper implements ModelKeeper {
	readonly #fetch: Fetch;
	readonly #cache: FileCache;
	readonly #store: KeptStore;
	readonly #parts: KeeperParts;
	#adding: Adding | null = null;

	constructor(parts: KeeperParts = {}) {
		this.#parts = parts;
		this.#fetch = parts.fetch ?? ((input, init) => fetch(input, init));
		this.#cache = parts.cache ?? openFileCache();
		this.#store = new KeptStore(this.#cache);
	}

	async inspect(place: ModelPlace, form: string | null, signal: AbortSignal): Promise<ModelInspection> {
		return inspectPlace(await openPlace(place, this.#fetch, signal), form, signal);
	}

	keep(place: ModelPlace, form: string, onEvent: (event: KeepEvent) => void): KeepControl {
		const adding: Adding = { pause: new Pause(), stop: new AbortController(), id: null };
		let last: KeepEvent | null = null;
		const tell = (event: KeepEvent): void => onEvent((last = event));
		const setPaused = (paused: boolean): void => {
			adding.pause.set(paused);
			if (last !== null) tell({ ...last, paused });
		};
		return {
			pause: () => setPaused(true),
			resume: () => setPaused(false),
			cancel: () => adding.stop.abort(),
			finished: this.#keep(adding, place, form, tell),
		};
	}

	checkHub(address: string, signal: AbortSignal): Promise<string> {
		return checkHub(address, { fetch: this.#fetch, signal, ...this.#parts.asking });
	}

	shelf(): Promise<ModelShelf> {
		return this.#store.shelf();
	}

	/** @throws AppError `model-adding` if the model is being added */
	async remove(id: string): Promise<void> {
		if (this.#adding?.id === id) throw isAdding();
		await withModelAlone(id, () => this.#store.remove(id));
	}

	async #keep(
		adding: Adding,
		place: ModelPlace,
		form: string,
		onEvent: (event: KeepEvent) => void,
	): Promise<KeptModel> {
		if (this.#adding !== null) throw isAdding();
		this.#adding = adding;
		const { signal } = adding.stop;
		try {
			const opened = await openPlace(place, this.#fetch, signal);
			return await keepModel(opened, form, {
				fetch: this.#fetch,
				cache: this.#cache,
				store: this.#store,
				pause: adding.pause,
				signal,
				onEvent,
				onId: (id) => (adding.id = id),
				now: this.#parts.now ?? (() => performance.now()),
				...(this.#parts.transfer === undefined ? {} : { transfer: this.#parts.transfer }),
			});
		} catch (error) {
			if (!signal.aborted) throw error;
			if (adding.id !== null) await this.#store.remove(adding.id);
			throw new Cancelled();
		} finally {
			this.#adding = null;
		}
	}
}

function isAdding(): AppError {
	return new AppError('A model is being added.', {
		code: 'model-adding',
		hint: 'Wait until it is listed, or cancel it first.',
	});
}
