/** Digests of downloaded files: SHA-256 in our manifests, MD5 in MLC's `tensor-cache.json`. */
import { md5 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

export interface Digest {
	algorithm: 'sha256' | 'md5';
	/** Lower case. */
	hex: string;
}

/** @returns the digest in lower-case hex */
export async function digestOf(
	algorithm: Digest['algorithm'],
	bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
	if (algorithm === 'md5') return bytesToHex(md5(bytes));
	// Browsers offer SHA-256 on secure pages only; on pages over plain http it is computed here, more slowly.
	const { subtle } = globalThis.crypto as Partial<Crypto>;
	const digest = subtle === undefined ? sha256(bytes) : new Uint8Array(await subtle.digest('SHA-256', bytes));
	return bytesToHex(digest);
}
