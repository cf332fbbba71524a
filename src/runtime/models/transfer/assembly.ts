/** Puts the bytes of one file together in its parts: stores each part when it is full, and digests the file on the way. */
import { nextTask } from '#core/concurrency.ts';
import { Cancelled } from '#core/errors.ts';
import { freeNow } from '#core/format/freeNow.ts';
import type { FileCache } from '../fileCache.ts';
import { hasherOf, type Hasher } from '../digest.ts';
import { expectDigest, expectSize } from '../verify.ts';
import { openParts, PART_BYTES, PartStore } from './partStore.ts';
import { tagOf, type RemoteFile } from './remoteFile.ts';

/** A digest of so many bytes takes a few milliseconds; between them other tasks run. */
const SLICE = 2 ** 20;

export class Assembly {
	readonly #file: RemoteFile;
	readonly #open: () => Promise<PartStore>;
	#store: PartStore;
	#tag: string;
	#hasher: Hasher | null;
	/** Holds the part that is not full yet; the next part uses it again. */
	#part: Uint8Array<ArrayBuffer> = new Uint8Array(0);
	#filled = 0;
	#stored = 0;

	constructor(file: RemoteFile, cache: FileCache, partSize = PART_BYTES) {
		this.#file = file;
		this.#store = new PartStore(cache, file.address, file.size, partSize);
		this.#open = () => openParts(cache, file, partSize);
		this.#tag = tagOf(file);
		this.#hasher = this.#newHasher();
	}

	/** Bytes that are here; the next byte of the file has this index. */
	get position(): number {
		// The last part may be shorter than the others.
		return Math.min(this.#file.size, this.#stored * this.#store.partSize + this.#filled);
	}

	get storedParts(): number {
		return this.#stored;
	}

	get isWhole(): boolean {
		return this.position === this.#file.size;
	}

	/** True if an earlier visit completed this version of the file. Ask it first: it finds the parts of that visit. */
	async isComplete(): Promise<boolean> {
		if (this.position === 0) this.#store = await this.#open();
		const record = await this.#store.record();
		if (record?.complete !== true || !this.#accepts(record.tag)) return false;
		return (await this.#store.keptParts()) === this.#store.count;
	}

	/** Takes the parts that earlier visits stored, in order, up to the first that is missing or of another version. */
	async takeKept(signal: AbortSignal, onKept: (count: number) => void): Promise<void> {
		if (this.position > 0) return;
		const tag = this.#file.digest === null ? ((await this.#store.record())?.tag ?? '') : this.#tag;
		// Parts without any mark of their version could be of another one.
		if (tag === '' || !this.#accepts(tag)) return;
		this.#tag = tag;
		while (this.#stored < this.#store.count) {
			if (signal.aborted) throw new Cancelled();
			const part = await this.#store.read(this.#stored, tag);
			if (part === null) return;
			const { length } = part;
			await this.#digest(part);
			freeNow(part);
			this.#stored++;
			onKept(length);
		}
	}

	/**
	 * False if the answer belongs to another version than the parts so far.
	 *
	 * @param version the answer's validator, or null
	 */
	async matches(version: string | null): Promise<boolean> {
		// A digest decides at the end; copies of one file on several servers may differ in their validators.
		if (this.#file.digest !== null || version === null) return true;
		const tag = `version:${version}`;
		if (this.#tag === '' && this.position === 0) {
			this.#tag = tag;
			await this.#store.writeRecord(tag, false);
		}
		return this.#tag === '' || this.#tag === tag;
	}

	/** Appends bytes at the position, and stores each part that gets full. */
	async append(bytes: Uint8Array): Promise<void> {
		this.#hasher?.update(bytes);
		let at = 0;
		while (at < bytes.length) {
			// The first part is the longest.
			if (this.#part.length === 0) this.#part = new Uint8Array(this.#store.lengthOf(0));
			const length = this.#store.lengthOf(this.#stored);
			const count = Math.min(length - this.#filled, bytes.length - at);
			this.#part.set(bytes.subarray(at, at + count), this.#filled);
			this.#filled += count;
			at += count;
			if (this.#filled === length) await this.#storePart(length);
		}
	}

	/** @throws FormatError if the bytes so far are a text, such as a Git LFS pointer, in place of a larger file */
	expectNoShortText(address: string): void {
		if (this.#stored > 0 || this.isWhole) return;
		const head = this.#part.subarray(0, this.#filled);
		if (head.length > 0 && head.every((byte) => byte > 0 && byte < 0x80))
			expectSize(address, head, this.#file.size);
	}

	/** Checks the digest of the whole file and records that it is complete. */
	async complete(): Promise<void> {
		const { digest, address } = this.#file;
		if (digest !== null && this.#hasher !== null) expectDigest(address, digest, this.#hasher.hex());
		this.#hasher = null;
		await this.#store.writeRecord(this.#tag, true);
	}

	/** Drops all bytes, also the stored ones. */
	async drop(): Promise<void> {
		await this.#store.drop();
		this.#tag = tagOf(this.#file);
		this.#hasher = this.#newHasher();
		this.#part = new Uint8Array(0);
		this.#filled = 0;
		this.#stored = 0;
	}

	#newHasher(): Hasher | null {
		const { digest, size } = this.#file;
		return digest === null ? null : hasherOf(digest.algorithm, size);
	}

	#accepts(tag: string): boolean {
		const own = tagOf(this.#file);
		return own === '' || own === tag;
	}

	async #storePart(length: number): Promise<void> {
		await this.#store.write(this.#stored, this.#part.subarray(0, length), this.#tag);
		this.#filled = 0;
		this.#stored++;
	}

	async #digest(part: Uint8Array): Promise<void> {
		for (let at = 0; at < part.length && this.#hasher !== null; at += SLICE) {
			this.#hasher.update(part.subarray(at, at + SLICE));
			await nextTask();
		}
	}
}
