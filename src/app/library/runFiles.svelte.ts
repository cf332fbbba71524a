/** Runs that come and go as files: exported, opened from a file, and the recorded one that comes with the page. */
import { toWire, type WireError } from '#core/errors.ts';
import { readRunFile, type RunFile } from '#core/run/runFile.ts';
import type { RunOrigin } from '#core/run/run.ts';
import type { AppPorts } from '../ports.ts';

/** Under this id the recorded run lies on the shelf once it was opened. */
export const RECORDED_ID = 'recorded';

export class RunFiles {
	readonly #ports: Pick<AppPorts, 'newId' | 'recordedRun' | 'store'>;

	/** True while a file is read. */
	reading: boolean = $state(false);
	/** Why the last file could not be opened, or not be kept; null when it could. */
	error: WireError | null = $state.raw(null);

	constructor(ports: Pick<AppPorts, 'newId' | 'recordedRun' | 'store'>) {
		this.#ports = ports;
	}

	/**
	 * Reads a file and keeps its run on the shelf under a new id. A store that refuses it is told in `error`; the run can be
	 * looked at all the same.
	 *
	 * @returns null where the file is no run; `error` says why
	 */
	read(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<RunFile | null> {
		return this.#take('file', () => readRunFile(bytes, name), this.#ports.newId());
	}

	/** The run that comes with the page; null where it cannot be had, and `error` says why. */
	readRecorded(): Promise<RunFile | null> {
		const read = async () => {
			const file = await readRunFile(await this.#ports.recordedRun(), 'The recorded run');
			return { ...file, record: { ...file.record, name: 'Recorded run' } };
		};
		return this.#take('recorded', read, RECORDED_ID);
	}

	async #take(origin: RunOrigin, read: () => Promise<RunFile>, id: string): Promise<RunFile | null> {
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

	/** @returns the edition it has from now on */
	async #keep({ record, adapters }: RunFile): Promise<number> {
		const { store } = this.#ports;
		for (const adapter of adapters) await store.writeCheckpoint(record.id, adapter, null);
		return store.write(record);
	}
}
