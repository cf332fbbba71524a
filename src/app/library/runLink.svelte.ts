/**
 * A link that asks to open a run file from an address. Nothing is requested before the user agrees; a server that leads on to another
 * origin is a new question.
 */
import { AppError, asAppError, toWire, type WireError } from '#core/errors.ts';
import { readRunFileAddress, type RunFileAddress, type RunFileProgress } from '#core/run/fileAddress.ts';
import { showMoment, type Moment, type MomentStage } from '../moment.ts';
import type { AppPorts } from '../ports.ts';
import type { Library } from './library.svelte.ts';
import type { RunFiles } from './runFiles.svelte.ts';
import type { StoredData } from './storedData.svelte.ts';

/** The part of the session that a link opens its run in. */
export interface RunLinkStage extends MomentStage {
	readonly library: Pick<Library, 'refresh' | 'runs' | 'error'>;
	readonly files: Pick<RunFiles, 'error'>;
	readonly data: Pick<StoredData, 'protect'>;
	open: (id: string) => Promise<void>;
	openFile: (name: string, bytes: Uint8Array<ArrayBuffer>, address?: string) => Promise<void>;
}

type RunLinkPorts = Pick<AppPorts, 'linkedRunFile' | 'sha256' | 'secure'>;

export class RunLink {
	readonly #stage: () => RunLinkStage;
	readonly #ports: RunLinkPorts;
	#moment: Moment = { view: null, step: null, pair: null };
	#transfer: AbortController | null = null;

	/** The file that the user is asked about, also while it is downloaded; null if there is none. */
	asked: RunFileAddress | null = $state.raw(null);
	/** The origin that led on to the asked one; null if the link names it itself. */
	movedFrom: string | null = $state(null);
	/** While the file is downloaded and read; else null. */
	progress: RunFileProgress | null = $state.raw(null);
	/** Why the link cannot be used or its file not be opened, or null. */
	problem: WireError | null = $state.raw(null);

	constructor(stage: () => RunLinkStage, ports: RunLinkPorts) {
		this.#stage = stage;
		this.#ports = ports;
	}

	/** Asks the user. @param text the address as the link has it */
	offer(text: string, moment: Moment): void {
		this.dismiss();
		this.#moment = moment;
		try {
			this.asked = readRunFileAddress(text, this.#ports.secure);
		} catch (error) {
			this.problem = toWire(error);
		}
	}

	/** The user agreed: downloads the file and opens its run, or the kept run if it was read from the same file before. Never throws. */
	async accept(): Promise<void> {
		const { asked } = this;
		if (asked === null || this.#transfer !== null) return;
		const transfer = new AbortController();
		this.#transfer = transfer;
		this.problem = null;
		this.progress = { done: 0, total: null };
		try {
			await this.#open(asked, transfer.signal);
		} catch (error) {
			if (asAppError(error).kind !== 'cancelled') this.problem = toWire(error);
		} finally {
			if (this.#transfer === transfer) [this.#transfer, this.progress] = [null, null];
		}
	}

	/** Ends the download; the question stays. */
	cancel(): void {
		this.#transfer?.abort();
	}

	/** Closes the question, and ends a download. */
	dismiss(): void {
		this.cancel();
		[this.#transfer, this.progress] = [null, null];
		[this.asked, this.movedFrom, this.problem] = [null, null, null];
	}

	async #open({ address, origin, name }: RunFileAddress, signal: AbortSignal): Promise<void> {
		const stage = this.#stage();
		if (stage.run.player.active) throw runActive();
		const fetched = await this.#ports.linkedRunFile(address, signal, (progress) => {
			if (!signal.aborted) this.progress = progress;
		});
		if ('movedTo' in fetched) {
			this.asked = readRunFileAddress(fetched.movedTo, this.#ports.secure);
			this.movedFrom = origin;
			return;
		}
		const sha256 = await this.#ports.sha256(fetched.bytes);
		await stage.library.refresh();
		if (signal.aborted) return;
		const kept = stage.library.runs.find(({ source }) => source?.sha256 === sha256);
		const before = stage.run;
		stage.data.protect();
		if (kept === undefined) await stage.openFile(name, fetched.bytes, address);
		else await stage.open(kept.id);
		if (stage.run === before && before.id !== kept?.id) {
			this.problem = stage.files.error ?? stage.library.error;
			stage.files.error = null;
			return;
		}
		this.dismiss();
		showMoment(stage, this.#moment);
	}
}

function runActive(): AppError {
	return new AppError('A run is active, and the linked one would take its place on the page.', {
		code: 'run-active',
		hint: 'Stop it or wait until it is done, then open the link again.',
	});
}
