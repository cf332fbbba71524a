/** Digests of downloaded files: SHA-256 in our manifests, MD5 in MLC's `tensor-cache.json`. */
import { at } from '#core/math/at.ts';

export interface Digest {
	algorithm: 'sha256' | 'md5';
	/** Lower case. */
	hex: string;
}

/** True if this page can compute the digest: browsers offer SHA-256 on secure pages only. */
export function canCheck(digest: Digest): boolean {
	return digest.algorithm === 'md5' || (globalThis.crypto as Partial<Crypto>).subtle !== undefined;
}

/** @returns the digest in lower-case hex */
export async function digestOf(
	algorithm: Digest['algorithm'],
	bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
	if (algorithm === 'md5') return md5(bytes);
	return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

function toHex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const SHIFTS = [
	[7, 12, 17, 22],
	[5, 9, 14, 20],
	[4, 11, 16, 23],
	[6, 10, 15, 21],
] as const;
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(2 ** 32 * Math.abs(Math.sin(i + 1))));

/** @source RFC 1321 */
function md5(bytes: Uint8Array): string {
	const words = paddedWords(bytes);
	const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
	for (let block = 0; block < words.length; block += 16) mixBlock(state, words, block);
	return toHex(new Uint8Array(state.buffer));
}

/** The message, a single 1 bit, zeros, and the length in bits: a whole number of blocks of 16 words. */
function paddedWords(bytes: Uint8Array): Int32Array {
	const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
	padded.set(bytes);
	padded[bytes.length] = 0x80;
	const view = new DataView(padded.buffer);
	view.setUint32(padded.length - 8, bytes.length << 3, true);
	view.setUint32(padded.length - 4, Math.floor(bytes.length / 2 ** 29), true);
	// MD5 needs little-endian words; browsers run on little-endian machines only.
	return new Int32Array(padded.buffer);
}

function mixBlock(state: Int32Array, words: Int32Array, block: number): void {
	let [a, b, c, d] = [at(state, 0), at(state, 1), at(state, 2), at(state, 3)];
	for (let i = 0; i < 64; i++) {
		const round = i >> 4;
		const [mixed, index] = roundOf(round, i, b, c, d);
		const sum = (a + mixed + at(SINES, i) + at(words, block + index)) | 0;
		const shift = at(at(SHIFTS, round), i & 3);
		[a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
	}
	state[0] = at(state, 0) + a;
	state[1] = at(state, 1) + b;
	state[2] = at(state, 2) + c;
	state[3] = at(state, 3) + d;
}

function roundOf(round: number, i: number, b: number, c: number, d: number): [mixed: number, index: number] {
	if (round === 0) return [(b & c) | (~b & d), i];
	if (round === 1) return [(d & b) | (~d & c), (5 * i + 1) & 15];
	if (round === 2) return [b ^ c ^ d, (3 * i + 5) & 15];
	return [c ^ (b | ~d), (7 * i) & 15];
}
