/** The folders of kept models in the cache: written file by file, listed, and deleted as a whole. */
import { AppError, FormatError, StorageError, toWire } from '#core/errors.ts';
import type { KeptModel, ModelShelf, UnfinishedModel } from '#core/model/keeper.ts';
import { configFromMlc } from '#core/model/config.ts';
import type { ModelSource } from '#core/model/model.ts';
import { digestOf, hasherOf } from '../digest.ts';
import { scopeOf, webLlmFolder, type FileCache, type StoredFile } from '../fileCache.ts';
import { weightsOf } from '../libraries/libraryView.ts';
import {
	CHAT_CONFIG,
	MANIFEST,
	ownLibrary,
	parseJson,
	readManifest,
	readTensorCache,
	TENSOR_CACHE,
	type Manifest,
} from '../manifest.ts';
import { MODEL_PARTS } from '../modelScopes.ts';
import { openParts } from '../transfer/partStore.ts';
import { keptFolder, keptIdOf } from './address.ts';
import { JOB, readJob, type KeepJob } from './job.ts';
import { weightFormat } from './weightFormat.ts';

export interface WrittenFile {
	path: string;
	bytes: number;
	sha256: string;
}

/** Everything of a manifest but its list of files. */
export type ManifestHead = Omit<Manifest, 'files'>;

export class KeptStore {
	readonly #cache: FileCache;

	constructor(cache: FileCache) {
		this.#cache = cache;
	}

	/**
	 * @throws StorageError `kept-not-stored` if the browser does not store the file: the other threads of the page could not
	 *   read it
	 */
	async write(id: string, path: string, bytes: Uint8Array<ArrayBuffer>): Promise<WrittenFile> {
		const sha256 = await digestOf('sha256', bytes);
		const written = { path, bytes: bytes.length, sha256 };
		try {
			await this.#cache.write(scopeOf(path), this.#key(id, path), { bytes, digest: sha256 });
		} catch (cause) {
			throw notStored(path, bytes.length, cause);
		}
		if (this.#cache.held() === 0) return written;
		await this.#cache.remove(scopeOf(path), this.#key(id, path));
		throw notStored(path, bytes.length, null);
	}

	/**
	 * Like {@link write}, for a file whose bytes are made on the way.
	 *
	 * @throws the errors of its pieces, too
	 */
	async writePieces(
		id: string,
		path: string,
		size: number,
		pieces: AsyncIterable<Uint8Array>,
	): Promise<WrittenFile> {
		const hasher = hasherOf('sha256', size);
		const hashed = async function* (): AsyncGenerator<Uint8Array> {
			for await (const piece of pieces) {
				hasher.update(piece);
				yield piece;
			}
		};
		let sha256 = '';
		const file = { size, pieces: hashed(), digest: () => (sha256 = hasher.hex()) };
		try {
			await this.#cache.store(scopeOf(path), this.#key(id, path), file);
		} catch (cause) {
			throw cause instanceof AppError ? cause : notStored(path, size, cause);
		}
		return { path, bytes: size, sha256 };
	}

	/** A file that {@link write} or {@link writePieces} stored in an earlier visit, if it has this length; else null. */
	async stored(
		id: string,
		path: string,
		length: number,
	): Promise<{ content: StoredFile; file: WrittenFile } | null> {
		const content = await this.#cache.open(scopeOf(path), this.#key(id, path));
		if (content?.size !== length || content.digest === '') return null;
		return { content, file: { path, bytes: length, sha256: content.digest } };
	}

	/** Lists the model: the manifest is written last, so that a folder with a manifest is complete. */
	async list(id: string, head: ManifestHead, files: readonly WrittenFile[]): Promise<KeptModel> {
		const bytes = new TextEncoder().encode(JSON.stringify({ ...head, files }));
		await this.write(id, MANIFEST, bytes);
		await this.#cache.remove(MODEL_PARTS, keptFolder(id) + JOB);
		return this.#read(id);
	}

	async writeJob(id: string, job: KeepJob): Promise<void> {
		const bytes = new TextEncoder().encode(JSON.stringify(job));
		await this.#cache.write(MODEL_PARTS, keptFolder(id) + JOB, { bytes, digest: '' });
	}

	async shelf(): Promise<ModelShelf> {
		const kept: KeptModel[] = [];
		const damaged: ModelShelf['damaged'][number][] = [];
		for (const id of await this.#idsIn(scopeOf(MANIFEST), MANIFEST)) {
			// One damaged model never hides the others.
			await this.#read(id).then(
				(model) => kept.push(model),
				(error: unknown) => damaged.push({ id, error: toWire(error) }),
			);
		}
		const complete = new Set([...kept, ...damaged].map((one) => ('id' in one ? one.id : one.source.id)));
		const jobs = (await this.#idsIn(MODEL_PARTS, JOB)).filter((id) => !complete.has(id));
		const unfinished = await Promise.all(jobs.map((id) => this.#unfinished(id)));
		return { kept, damaged, unfinished };
	}

	/** Deletes the model's folder, its job and the parts of its source files. */
	async remove(id: string): Promise<void> {
		// The manifest first: what is left of an interrupted deletion is no model.
		await this.#cache.remove(scopeOf(MANIFEST), this.#key(id, MANIFEST));
		await this.dropParts(id);
		for (const scope of [scopeOf(CHAT_CONFIG), scopeOf(MANIFEST), MODEL_PARTS]) {
			const own = (await this.#cache.keys(scope)).filter((key) => keptIdOf(key) === id);
			for (const key of own) await this.#cache.remove(scope, key);
		}
	}

	/** Deletes the downloaded parts that the model was made from. */
	async dropParts(id: string): Promise<void> {
		for (const file of (await this.#job(id))?.files ?? []) await (await openParts(this.#cache, file)).drop();
	}

	async #read(id: string): Promise<KeptModel> {
		const manifest = readManifest(await this.#bytes(id, MANIFEST), MANIFEST);
		const { kept, files } = manifest;
		if (kept === undefined || manifest.id !== id) throw foreignManifest(id);
		const chatConfig = await this.#json(id, CHAT_CONFIG);
		const tensors = readTensorCache(await this.#json(id, TENSOR_CACHE), TENSOR_CACHE);
		return {
			source: sourceOf(manifest, kept.origin),
			bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
			license: kept.license,
			form: kept.form,
			config: configFromMlc(chatConfig, CHAT_CONFIG),
			weights: weightFormat(tensors),
			libraryForm: weightsOf(chatConfig, tensors),
		};
	}

	async #json(id: string, path: string): Promise<unknown> {
		return parseJson(await this.#bytes(id, path), path);
	}

	async #bytes(id: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
		const file = await this.#cache.read(scopeOf(path), this.#key(id, path));
		if (file !== null) return file.bytes;
		throw new StorageError(`${path} of the model ${id} is missing in this browser.`, {
			code: 'kept-file-missing',
			hint: 'Delete the model under Models, and add it again.',
			context: { id, file: path },
		});
	}

	async #job(id: string): Promise<KeepJob | null> {
		const file = await this.#cache.read(MODEL_PARTS, keptFolder(id) + JOB);
		return file === null ? null : readJob(file.bytes);
	}

	async #unfinished(id: string): Promise<UnfinishedModel> {
		const job = await this.#job(id);
		const place =
			job?.address === null || job === null ? null : ({ kind: 'address', text: job.address } as const);
		return { id, title: job?.title ?? id, place, form: job?.form ?? '', bytes: job?.bytes ?? 0 };
	}

	/** Ids of the models that have this file. */
	async #idsIn(scope: string, file: string): Promise<string[]> {
		const ids = (await this.#cache.keys(scope))
			.filter((key) => key.endsWith(`/${file}`))
			.flatMap((key) => keptIdOf(key) ?? []);
		return [...new Set(ids)];
	}

	#key(id: string, path: string): string {
		return new URL(path, webLlmFolder(keptFolder(id))).href;
	}
}

function sourceOf(manifest: Manifest, origin: ModelSource['origin']): ModelSource {
	const { id, title, parameters } = manifest;
	return { id, title, url: keptFolder(id), library: ownLibrary(manifest), parameters, origin };
}

function foreignManifest(id: string): FormatError {
	return new FormatError(`The manifest of the model ${id} is not its own.`, {
		code: 'manifest-invalid',
		hint: 'Delete the model under Models, and add it again.',
		context: { id },
	});
}

function notStored(path: string, bytes: number, cause: unknown): AppError {
	return new StorageError(
		`The browser does not store ${path} (${bytes} bytes), so the model cannot be kept.`,
		{
			code: 'kept-not-stored',
			hint: 'Free space on this machine, or delete runs and models on the Shelf. Private windows store little or nothing.',
			context: { file: path, bytes },
			cause,
		},
	);
}
