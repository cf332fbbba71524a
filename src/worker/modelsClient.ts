/** The page's side of the models worker: the port `ModelKeeper` over remote calls. The worker starts with the first call. */
import { AppError } from '#core/errors.ts';
import type { KeepControl, KeepEvent, ModelKeeper, ModelPlace } from '#core/model/keeper.ts';
import { RpcClient } from '#core/rpc/client.ts';
import type { MODEL_CALLS } from './modelCalls.ts';

type Client = RpcClient<typeof MODEL_CALLS>;

export class ModelsClient implements ModelKeeper {
	readonly #start: () => Worker;
	#client: Client | null = null;

	/** @param start starts the worker; called again after a crash */
	constructor(start: () => Worker) {
		this.#start = start;
	}

	inspect(place: ModelPlace, form: string | null, signal: AbortSignal) {
		return this.#running().call('inspect', { place, form }, { signal });
	}

	keep(place: ModelPlace, form: string, onEvent: (event: KeepEvent) => void): KeepControl {
		const { result, control } = this.#running().start('keep', { place, form }, { onEvent });
		return {
			pause: () => control('pause'),
			resume: () => control('resume'),
			cancel: () => control('cancel'),
			finished: result,
		};
	}

	checkHub(address: string, signal: AbortSignal) {
		return this.#running().call('checkHub', address, { signal });
	}

	shelf() {
		return this.#running().call('shelf', undefined);
	}

	remove(id: string) {
		return this.#running().call('remove', id);
	}

	#running(): Client {
		if (this.#client !== null && this.#client.closed === null) return this.#client;
		const worker = this.#start();
		this.#client = new RpcClient(worker, { terminate: () => worker.terminate(), crashed });
		return this.#client;
	}
}

function crashed(detail: string): AppError {
	return new AppError(`Adding the model stopped: its worker ended (${detail}).`, {
		code: 'worker-crashed',
		hint: 'All finished parts are kept: continue under Models. If it happens again, the model may need more memory than the browser has.',
	});
}
