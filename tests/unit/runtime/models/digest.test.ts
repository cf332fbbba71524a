import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rng } from '#core/math/rng.ts';
import { digestOf } from '#runtime/models/digest.ts';

afterEach(() => vi.unstubAllGlobals());

describe('digestOf', () => {
	it('agrees with Node’s MD5 and SHA-256 at every length around a block’s border', async () => {
		const random = rng(1);
		for (let length = 0; length <= 200; length++) {
			const bytes = Uint8Array.from({ length }, () => random.int(256));
			for (const algorithm of ['md5', 'sha256'] as const) {
				const expected = createHash(algorithm).update(bytes).digest('hex');
				expect(await digestOf(algorithm, bytes), `${algorithm} of ${length} bytes`).toBe(expected);
			}
		}
	});

	it('checks SHA-256 also on pages over plain http, which have no crypto.subtle', async () => {
		vi.stubGlobal('crypto', {});
		const bytes = Uint8Array.from({ length: 70_001 }, (_, i) => i % 253);
		expect(await digestOf('sha256', bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
	});

	it('reads a part of a larger buffer, and a large one', async () => {
		const bytes = Uint8Array.from({ length: 1_000_003 }, (_, i) => i % 251);
		const part = bytes.subarray(3, 999_999);
		expect(await digestOf('md5', part)).toBe(createHash('md5').update(part).digest('hex'));
		expect(await digestOf('sha256', part)).toBe(createHash('sha256').update(part).digest('hex'));
	});
});
