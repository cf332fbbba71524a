/**
 * Digests of downloaded files: SHA-256 in our manifests and for Git LFS, MD5 in MLC's `tensor-cache.json`, and the id of a
 * Git blob for the other files of a repository.
 */
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

export interface Digest {
	/** `git-sha1` is Git's id of a blob: the SHA-1 of `blob <size>\0` and the content. */
	algorithm: 'sha256' | 'md5' | 'git-sha1';
	/** Lower case. */
	hex: string;
}

/** A digest of a file whose bytes arrive in parts. */
export interface Hasher {
	update(bytes: Uint8Array): void;
	/** Lower-case hex. Call it once, after the last part. */
	hex(): string;
}

/** @param size length of the whole file in bytes */
export function hasherOf(algorithm: Digest['algorithm'], size: number): Hasher {
	const hash = { sha256, md5, 'git-sha1': sha1 }[algorithm].create();
	if (algorithm === 'git-sha1') hash.update(new TextEncoder().encode(`blob ${size}\0`));
	return { update: (bytes) => void hash.update(bytes), hex: () => bytesToHex(hash.digest()) };
}

/** @returns the digest in lower-case hex */
export async function digestOf(
	algorithm: Digest['algorithm'],
	bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
	// Browsers offer SHA-256 on secure pages only; on pages over plain http it is computed here, more slowly.
	const { subtle } = globalThis.crypto as Partial<Crypto>;
	if (algorithm === 'sha256' && subtle !== undefined)
		return bytesToHex(new Uint8Array(await subtle.digest('SHA-256', bytes)));
	const hasher = hasherOf(algorithm, bytes.length);
	hasher.update(bytes);
	return hasher.hex();
}
