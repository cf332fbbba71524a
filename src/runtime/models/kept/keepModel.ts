/**
 * Makes a kept model of a place: downloads what is missing, converts shard by shard into the cache, and lists the model. Every
 * step finds what an earlier visit stored, so that the same call goes on where that visit ended.
 */
import type { ByteSource } from '#core/checkpoint/bytes.ts';
import type { ModelForm } from '#core/checkpoint/modelForms.ts';
import { TransferRate } from '#core/checkpoint/transferRate.ts';
import { Cancelled } from '#core/errors.ts';
import { freeNow } from '#core/format/freeNow.ts';
import { joined } from '#core/format/joined.ts';
import type { KeepEvent, KeepPhase, KeptModel } from '#core/model/keeper.ts';
import { keptId } from '#core/model/keptId.ts';
import { parametersOf } from '#core/model/parameters.ts';
import { hasherOf } from '../digest.ts';
import type { FileCache, StoredFile } from '../fileCache.ts';
import type { Fetch } from '../http/request.ts';
import type { OpenPlace, RemotePlace } from '../places/place.ts';
import { ModelDownload, type ModelDownloadOptions } from '../transfer/modelDownload.ts';
import { expectSpace } from '../transfer/space.ts';
import { folderContents, type FolderContents } from './folderContents.ts';
import { formOf, inspectPlace } from './inspect.ts';
import { withModelAlone } from './modelLock.ts';
import type { KeptStore, WrittenFile } from './keptStore.ts';
import type { Pause } from './pause.ts';
import type { SourceOf } from './readFiles.ts';

export interface KeepOptions {
	fetch: Fetch;
	cache: FileCache;
	store: KeptStore;
	pause: Pause;
	signal: AbortSignal;
	onEvent: (event: KeepEvent) => void;
	/** Called when the model's id is known. */
	onId: (id: string) => void;
	now: () => number;
	/** Of the download, for tests. */
	transfer?: Partial<ModelDownloadOptions>;
}

interface Job {
	id: string;
	formId: string;
	form: ModelForm;
	place: OpenPlace;
	options: KeepOptions;
}

/** Bytes of one read for a digest. */
const SLICE = 2 ** 20;

/** @throws FormatError, RemoteError and StorageError naming file, field or tensor; Cancelled */
export async function keepModel(place: OpenPlace, formId: string, options: KeepOptions): Promise<KeptModel> {
	const form = formOf(place, formId);
	const digest = place.remote === null ? await digestOfFiles(form, place, options) : '';
	const job: Job = { id: keptId(place.origin, formId, digest), formId, form, place, options };
	return withModelAlone(job.id, () => keepAlone(job));
}

async function keepAlone(job: Job): Promise<KeptModel> {
	const { form, formId, place, options } = job;
	options.onId(job.id);
	const known = (await options.store.shelf()).kept.find(({ source }) => source.id === job.id);
	if (known !== undefined) return known;
	const files = place.remote?.files(form).map(({ address, size }) => ({ address, size })) ?? [];
	const record = { title: place.title, address: place.address, form: formId, bytes: form.bytes, files };
	await options.store.writeJob(job.id, record);
	const sourceOf = place.remote === null ? place.peek : await downloaded(job, place.remote);
	const contents = await folderContents(form, sourceOf, options.signal);
	if (place.remote === null) await expectSpace(contents.bytes, place.title);
	const written = await convert(job, contents);
	const { config, license } = contents;
	await options.store.dropParts(job.id);
	return options.store.list(
		job.id,
		{
			id: job.id,
			title: titleOf(place, formId),
			library: null,
			loraMaxRank: 0,
			parameters: parametersOf(config),
			kept: { origin: place.origin, license: place.license ?? license, form: formId },
		},
		written,
	);
}

/** `SmolLM2-135M-Instruct, Q8_0`: several forms of one model can be kept. */
function titleOf({ title }: OpenPlace, formId: string): string {
	const name = title.slice(title.lastIndexOf('/') + 1);
	return formId === 'safetensors' || name.includes(formId) ? name : `${name}, ${formId}`;
}

async function downloaded({ form, formId, place, options }: Job, remote: RemotePlace): Promise<SourceOf> {
	const { keptBytes } = await inspectPlace(place, formId, options.signal);
	const { pause } = options;
	const download = new ModelDownload(remote.files(form), {
		...(remote.refusal === undefined ? {} : { refusal: remote.refusal }),
		...options.transfer,
		fetch: options.fetch,
		cache: options.cache,
		title: place.title,
		signal: options.signal,
		extraBytes: keptBytes ?? 0,
		onProgress: (progress) => options.onEvent({ phase: 'downloading', paused: pause.isPaused, progress }),
	});
	const release = pause.follow(
		() => download.pause(),
		() => download.resume(),
	);
	try {
		const sources = await download.start();
		return (path) => sources.get(path) ?? place.peek(path);
	} finally {
		release();
	}
}

async function convert(
	{ id, options }: Job,
	{ bytes: total, files }: FolderContents,
): Promise<readonly WrittenFile[]> {
	const { store, signal } = options;
	/** By path: a shard whose stored bytes are gone is made again. */
	const written = new Map<string, WrittenFile>();
	const meter = new Meter('converting', total, options);
	const stored = async (path: string, nbytes: number): Promise<StoredFile | null> => {
		const kept = await store.stored(id, path, nbytes);
		if (kept === null) return null;
		written.set(path, kept.file);
		meter.keep(nbytes);
		return kept.content;
	};
	for await (const { path, size, pieces } of files(stored)) {
		if (path.endsWith('.bin')) {
			written.set(path, await store.writePieces(id, path, size, pieces));
			meter.add(size);
		} else {
			const all: Uint8Array[] = [];
			for await (const piece of pieces) all.push(piece.slice());
			written.set(path, await store.write(id, path, joined(all)));
		}
		await options.pause.wait(signal);
	}
	return [...written.values()];
}

/** SHA-256 of all files of a form: copies of one name on disk can differ. */
async function digestOfFiles(form: ModelForm, { peek }: OpenPlace, options: KeepOptions): Promise<string> {
	const hasher = hasherOf('sha256', form.bytes);
	const meter = new Meter('reading', form.bytes, options);
	for (const path of form.paths) {
		const source: ByteSource = peek(path);
		for (let start = 0; start < source.size; start += SLICE) {
			await options.pause.wait(options.signal);
			const bytes = await source.read(start, Math.min(start + SLICE, source.size), options.signal);
			hasher.update(bytes);
			meter.add(bytes.length);
			freeNow(bytes);
		}
	}
	return hasher.hex();
}

/** Counts bytes of work, and reports them. */
class Meter {
	readonly #phase: KeepPhase;
	readonly #options: KeepOptions;
	readonly #rate: TransferRate;

	constructor(phase: KeepPhase, total: number, options: KeepOptions) {
		this.#phase = phase;
		this.#options = options;
		this.#rate = new TransferRate(total, 0, options.now());
	}

	add(bytes: number): void {
		if (this.#options.signal.aborted) throw new Cancelled();
		this.#rate.add(bytes, this.#options.now());
		this.#report();
	}

	/** Bytes that an earlier visit stored. */
	keep(bytes: number): void {
		this.#rate.keep(bytes);
		this.#report();
	}

	#report(): void {
		const { pause, now, onEvent } = this.#options;
		onEvent({ phase: this.#phase, paused: pause.isPaused, progress: this.#rate.progress(now()) });
	}
}
