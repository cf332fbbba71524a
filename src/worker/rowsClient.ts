/** The page's side of the rows worker: the port `RowReader` over remote calls. The worker starts with the first call. */
import { AppError } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { ImportedRows, ImportFile, RowReader } from '#core/rowReader.ts';
import { RpcClient } from '#core/rpc/client.ts';
import type { ROW_CALLS } from './rowCalls.ts';

type Client = RpcClient<typeof ROW_CALLS>;

export class RowsClient implements RowReader {
	readonly #start: () => Worker;
	#client: Client | null = null;

	/** @param start starts the worker; called again after a crash */
	constructor(start: () => Worker) {
		this.#start = start;
	}

	prompts(file: ImportFile) {
		return this.#running().call('prompts', file);
	}

	pairs(file: ImportFile) {
		return this.#running().call('pairs', file);
	}

	measure(source: ModelSource, rows: ImportedRows, signal: AbortSignal) {
		return this.#running().call('measure', { source, rows }, { signal });
	}

	#running(): Client {
		if (this.#client !== null && this.#client.closed === null) return this.#client;
		const worker = this.#start();
		this.#client = new RpcClient(worker, { terminate: () => worker.terminate(), crashed });
		return this.#client;
	}
}

function crashed(detail: string): AppError {
	return new AppError(`The file could not be read: its worker stopped (${detail}).`, {
		code: 'worker-crashed',
		hint: 'The file may need more memory than the browser has. Try a part of it.',
	});
}
