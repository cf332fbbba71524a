/** Runs as files: opened from a file, and the recorded runs that come with the page. */
import { AppError, FormatError, toWire, type WireError } from '#core/errors.ts';
import { megabytes } from '#core/format/megabytes.ts';
import { RUN_FILE_LIMITS, type ReadRun, type RunFile } from '#core/run/runFile.ts';
import type { RunOrigin } from '#core/run/run.ts';
import type { AppPorts } from '../ports.ts';
import { PARENT_STEP } from '../run/parent.ts';
import { bytesOfFile, type ChosenFile } from './chosenFile.ts';
import type { Recording } from './recordings.ts';

type RunFilePorts = Pick<AppPorts, 'newId' | 'readRunFile' | 'recordedRun' | 'sha256' | 'store' | 'locks'>;

export class RunFiles {
	readonly #ports: RunFilePorts;

	/** True while a file is read. */
	reading: boolean = $state(false);
	/** Why the last file could not be opened or kept, or null. */
	error: WireError | null = $state.raw(null);
	/** Faults of the last file that were mended, a sentence each. */
	mended: readonly string[] = $state.raw([]);

	constructor(ports: RunFilePorts) {
		this.#ports = ports;
	}

	/**
	 * Reads a file and stores its run in the library under a new id. If the store refuses it, `error` says why; the run can
	 * still be shown.
	 *
	 * @param address of the file, if it came from one
	 * @returns null if the file is not a run; `error` says why
	 */
	read(name: string, bytes: Uint8Array<ArrayBuffer>, address?: string): Promise<RunFile | null> {
		const read = async () => {
			// The worker takes the bytes.
			const sha256 = await this.#ports.sha256(bytes);
			const read = await this.#ports.readRunFile(bytes, name);
			const source = { sha256, ...(address === undefined ? {} : { address }) };
			return { ...read, record: { ...read.record, source } };
		};
		return this.#readAndKeep('file', read, this.#ports.newId());
	}

	/** A run that comes with the page; null if it cannot be read, and `error` says why. */
	readRecorded({ id, file, name }: Recording): Promise<RunFile | null> {
		const read = async () => {
			const read = await this.#ports.readRunFile(await this.#ports.recordedRun(file), 'The recorded run');
			return { ...read, record: { ...read.record, name } };
		};
		return this.#readAndKeep('recorded', read, id);
	}

	/** The bytes of a chosen file; null if they cannot be read, and `error` says why. */
	async bytesOf(file: ChosenFile): Promise<Uint8Array<ArrayBuffer> | null> {
		const { packed } = RUN_FILE_LIMITS;
		try {
			if (file.size > packed) throw tooLarge(file.name, file.size);
			return await bytesOfFile(file);
		} catch (error) {
			this.error = toWire(error);
			return null;
		}
	}

	/** Another run would replace the active one on the page. */
	refuseWhileActive(what: 'run' | 'file'): void {
		this.error = toWire(
			new AppError('A run is active, and another would take its place on the page.', {
				code: 'run-active',
				hint: `Stop it or wait until it is done, then open the ${what}.`,
			}),
		);
	}

	async #readAndKeep(origin: RunOrigin, read: () => Promise<ReadRun>, id: string): Promise<RunFile | null> {
		if (this.reading) return null;
		this.reading = true;
		this.error = null;
		this.mended = [];
		let file: RunFile | null = null;
		try {
			const { record, mended, ...adapters } = await read();
			this.mended = mended;
			file = { record: { ...record, id, origin }, ...adapters };
			file = { ...file, record: { ...file.record, edition: await this.#keep(file) } };
		} catch (error) {
			this.error = toWire(error);
		} finally {
			this.reading = false;
		}
		return file;
	}

	/**
	 * The record first: checkpoints without a record would take space that nothing gives back. A checkpoint that the store refuses
	 * stays in memory, and `error` says why.
	 *
	 * @returns the edition of the stored run
	 * @throws StorageError if the store refuses the record
	 */
	async #keep({ record, adapters, parent }: RunFile): Promise<number> {
		const { store, locks } = this.#ports;
		const release = await locks.hold(record.id);
		try {
			let edition = await store.write({ ...record, checkpoints: [] });
			const checkpoints: number[] = [];
			try {
				if (parent !== undefined)
					await store.writeCheckpoint(record.id, { ...parent, step: PARENT_STEP }, null);
				for (const adapter of adapters) {
					await store.writeCheckpoint(record.id, adapter, null);
					checkpoints.push(adapter.step);
				}
			} catch (error) {
				this.error = toWire(error);
			}
			if (checkpoints.length > 0) edition = await store.write({ ...record, edition, checkpoints });
			return edition;
		} finally {
			release?.();
		}
	}
}

function tooLarge(name: string, size: number): FormatError {
	return new FormatError(
		`${name} cannot be opened as a run: it has ${megabytes(size)}, and a run has at most ${megabytes(RUN_FILE_LIMITS.packed)}.`,
		{ code: 'run-file-invalid', hint: 'Choose a file that was exported as a whole run.' },
	);
}
