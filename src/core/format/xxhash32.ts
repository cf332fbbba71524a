/**
 * XXH32, a fast checksum: finds damaged bytes, and protects against no attacker.
 *
 * Source: the xxHash specification, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;

const STRIPE = 16;

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

const round = (lane: number, input: number): number =>
	Math.imul(rotate((lane + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1);

/** Mixes all whole stripes of 16 bytes. */
function stripes(view: DataView, seed: number, end: number): number {
	let a = (seed + PRIME_1 + PRIME_2) | 0;
	let b = (seed + PRIME_2) | 0;
	let c = seed | 0;
	let d = (seed - PRIME_1) | 0;
	for (let at = 0; at < end; at += STRIPE) {
		a = round(a, view.getInt32(at, true));
		b = round(b, view.getInt32(at + 4, true));
		c = round(c, view.getInt32(at + 8, true));
		d = round(d, view.getInt32(at + 12, true));
	}
	return (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
}

function avalanche(hash: number): number {
	let h = hash;
	h = Math.imul(h ^ (h >>> 15), PRIME_2);
	h = Math.imul(h ^ (h >>> 13), PRIME_3);
	return (h ^ (h >>> 16)) >>> 0;
}

/**
 * @param seed the hash of the bytes before, to chain several blocks
 * @returns an unsigned 32-bit integer
 */
export function xxHash32(bytes: Uint8Array, seed = 0): number {
	const { length } = bytes;
	const view = new DataView(bytes.buffer, bytes.byteOffset, length);
	const striped = length - (length % STRIPE);
	let h = striped === 0 ? (seed + PRIME_5) | 0 : stripes(view, seed, striped);
	h = (h + length) | 0;
	let at = striped;
	for (; at + 4 <= length; at += 4)
		h = Math.imul(rotate((h + Math.imul(view.getInt32(at, true), PRIME_3)) | 0, 17), PRIME_4);
	for (; at < length; at++)
		h = Math.imul(rotate((h + Math.imul(view.getUint8(at), PRIME_5)) | 0, 11), PRIME_1);
	return avalanche(h);
}
