/** Runs as files: opened from a file, and the recorded run that comes with the page. */
import { toWire, type AppError, type WireError } from '#core/errors.ts';
import { readRunFile, type RunFile } from '#core/run/runFile.ts';
import type { RunOrigin } from '#core/run/run.ts';
import type { AppPorts } from '../ports.ts';

/** Id of the recorded run in the library, after it was opened. */
export const RECORDED_ID = 'recorded';

export class RunFiles {
	readonly #ports: Pick<AppPorts, 'newId' | 'recordedRun' | 'store' | 'locks'>;

	/** True while a file is read. */
	reading: boolean = $state(false);
	/** Why the last file could not be opened or kept, or null. */
	error: WireError | null = $state.raw(null);

	constructor(ports: Pick<AppPorts, 'newId' | 'recordedRun' | 'store' | 'locks'>) {
		this.#ports = ports;
	}

	/**
	 * Reads a file and stores its run in the library under a new id. If the store refuses it, `error` says why; the run can
	 * still be shown.
	 *
	 * @returns null if the file is not a run; `error` says why
	 */
	read(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<RunFile | null> {
		return this.#readAndKeep('file', () => readRunFile(bytes, name), this.#ports.newId());
	}

	/** The run that comes with the page; null if it cannot be read, and `error` says why. */
	readRecorded(): Promise<RunFile | null> {
		const read = async () => {
			const file = await readRunFile(await this.#ports.recordedRun(), 'The recorded run');
			return { ...file, record: { ...file.record, name: 'Recorded run' } };
		};
		return this.#readAndKeep('recorded', read, RECORDED_ID);
	}

	/** Shows why a file cannot be opened now. */
	refuse(reason: AppError): void {
		this.error = toWire(reason);
	}

	async #readAndKeep(origin: RunOrigin, read: () => Promise<RunFile>, id: string): Promise<RunFile | null> {
		if (this.reading) return null;
		this.reading = true;
		this.error = null;
		let file: RunFile | null = null;
		try {
			const { record, adapters } = await read();
			file = { record: { ...record, id, origin }, adapters };
			file = { ...file, record: { ...file.record, edition: await this.#keep(file) } };
		} catch (error) {
			this.error = toWire(error);
		} finally {
			this.reading = false;
		}
		return file;
	}

	/**
	 * The record first: checkpoints without a record would take space that nothing gives back.
	 *
	 * @returns the edition of the stored run
	 */
	async #keep({ record, adapters }: RunFile): Promise<number> {
		const { store, locks } = this.#ports;
		const release = await locks.hold(record.id);
		try {
			const edition = await store.write({ ...record, checkpoints: [] });
			for (const adapter of adapters) await store.writeCheckpoint(record.id, adapter, null);
			return await store.write({ ...record, edition });
		} finally {
			release?.();
		}
	}
}
