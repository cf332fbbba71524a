import { expect, test } from 'vitest';
import { xxHash32 } from '#core/format/xxhash32.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Values of the reference implementation, xxhsum. */
test.each([
	['', 0, 0x02cc5d05],
	['a', 0, 0x550d7456],
	['as', 0, 0x9d5a0464],
	['asd', 0, 0x3d83552b],
	['asdf', 0, 0x5e702c32],
	['Call me Ishmael. Some years ago--never mind how long precisely-', 0, 0x6f320359],
	['Nobody inspects the spammish repetition', 0, 0xe2293b2f],
])('the checksum of %j with seed %d', (text, seed, expected) => {
	expect(xxHash32(bytes(text), seed)).toBe(expected);
});

test('bytes that start at any offset of a buffer have the same checksum', () => {
	const whole = bytes('....Nobody inspects the spammish repetition');
	expect(xxHash32(whole.subarray(4))).toBe(0xe2293b2f);
});
