/** The page's side of the rows worker: the port `RowReader` over remote calls. The worker starts with the first call. */
import type { RowLengths, RowTokens } from '#core/batch/rowLengths.ts';
import { AppError } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { PairImport } from '#core/pair/importPairs.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { PromptImport } from '#core/prompt/importPrompts.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { ImportedRows, ImportFile, RowReader } from '#core/rowReader.ts';
import { RpcClient } from '#core/rpc/client.ts';
import { ListReceiver, slicesOf } from './lists.ts';
import type { PairLists, PromptLists, ROW_CALLS } from './rowCalls.ts';

type Client = RpcClient<typeof ROW_CALLS>;

export class RowsClient implements RowReader {
	readonly #start: () => Worker;
	#client: Client | null = null;

	/** @param start starts the worker; called again after a crash */
	constructor(start: () => Worker) {
		this.#start = start;
	}

	async prompts(file: ImportFile): Promise<PromptImport> {
		const client = this.#running();
		const receiver = new ListReceiver<PromptLists>();
		const transfer = [file.bytes.buffer];
		const { set, layout } = await receiver.receive((onEvent) =>
			client.start('prompts', file, { onEvent, transfer }),
		);
		const { prompts, ...lists } = receiver.lists;
		return { set: { ...set, prompts }, layout, ...lists };
	}

	async pairs(file: ImportFile): Promise<PairImport> {
		const client = this.#running();
		const receiver = new ListReceiver<PairLists>();
		const transfer = [file.bytes.buffer];
		const { set } = await receiver.receive((onEvent) => client.start('pairs', file, { onEvent, transfer }));
		const { pairs, ...lists } = receiver.lists;
		return { set: { ...set, pairs }, ...lists };
	}

	/** One call per slice of the rows: the page copies a few milliseconds at a time. */
	async measure(source: ModelSource, rows: ImportedRows, signal: AbortSignal): Promise<RowLengths> {
		const client = this.#running();
		const counted: (RowTokens | null)[] = [];
		let positions = 0;
		for (const slice of slicesOf<Prompt | PreferencePair>(rows)) {
			const input = { source, rows: slice as ImportedRows };
			const lengths = await client.call('measure', input, { signal });
			counted.push(...lengths.rows);
			positions = lengths.positions;
		}
		return { model: source.id, positions, rows: counted };
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
