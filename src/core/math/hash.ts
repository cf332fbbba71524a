/** 32-bit FNV-1a of the text's UTF-16 units: stable across machines, for splits, ids and seeds. Not for security. */
export function hash32(text: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) {
		hash ^= text.charCodeAt(i);
		hash = Math.imul(hash, 0x01000193);
	}
	// FNV's low bits are weak on short texts; one avalanche round makes every bit usable for a split.
	hash ^= hash >>> 16;
	hash = Math.imul(hash, 0x7feb352d);
	hash ^= hash >>> 15;
	return hash >>> 0;
}

/** Constants of MurmurHash3_x86_128: multipliers, rotations and additions of its four lanes. */
const MULTIPLIERS = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93] as const;
const KEY_ROTATIONS = [15, 16, 17, 18] as const;
const LANE_ROTATIONS = [19, 17, 15, 13] as const;
const ADDITIONS = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17] as const;

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

type Lanes = [number, number, number, number];
type Lane = 0 | 1 | 2 | 3;
const LANES: readonly Lane[] = [0, 1, 2, 3];
const next = (lane: Lane): Lane => ((lane + 1) % 4) as Lane;

const mixKey = (key: number, lane: Lane): number =>
	Math.imul(rotate(Math.imul(key, MULTIPLIERS[lane]), KEY_ROTATIONS[lane]), MULTIPLIERS[next(lane)]);

function avalanche(value: number): number {
	value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
	value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
	return value ^ (value >>> 16);
}

/** Adds the lanes to the first, and the first to the others. */
function spread(lanes: Lanes): void {
	lanes[0] += lanes[1] + lanes[2] + lanes[3];
	lanes[0] |= 0;
	for (const lane of [1, 2, 3] as const) lanes[lane] = (lanes[lane] + lanes[0]) | 0;
}

/** The rest of fewer than 16 bytes, without mixing between the lanes. */
function mixTail(lanes: Lanes, tail: Uint8Array): void {
	for (const lane of LANES) {
		const bytes = tail.subarray(4 * lane, 4 * lane + 4);
		if (bytes.length === 0) return;
		const key = bytes.reduce((sum, byte, i) => sum | (byte << (8 * i)), 0);
		lanes[lane] ^= mixKey(key, lane);
	}
}

/**
 * The first 64 bits of MurmurHash3_x86_128 (seed 0) of the text's UTF-8 bytes, as 16 hexadecimal digits: for ids, of which
 * {@link hash32} would give two texts of a large file the same. Not for security.
 *
 * @source https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export function hash64(text: string): string {
	const bytes = new TextEncoder().encode(text);
	const view = new DataView(bytes.buffer);
	const lanes: Lanes = [0, 0, 0, 0];
	const whole = bytes.length - (bytes.length % 16);
	for (let at = 0; at < whole; at += 16) {
		for (const lane of LANES) {
			const mixed = lanes[lane] ^ mixKey(view.getInt32(at + 4 * lane, true), lane);
			const sum = (rotate(mixed, LANE_ROTATIONS[lane]) + lanes[next(lane)]) | 0;
			lanes[lane] = (Math.imul(sum, 5) + ADDITIONS[lane]) | 0;
		}
	}
	mixTail(lanes, bytes.subarray(whole));
	for (const lane of LANES) lanes[lane] ^= bytes.length;
	spread(lanes);
	for (const lane of LANES) lanes[lane] = avalanche(lanes[lane]);
	spread(lanes);
	return [lanes[0], lanes[1]].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}
