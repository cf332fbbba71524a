import { afterEach, expect, it, vi } from 'vitest';
import { newId } from '#runtime/newId.ts';

afterEach(() => vi.unstubAllGlobals());

it('gives distinct UUIDs of version 4', () => {
	const ids = Array.from({ length: 500 }, newId);
	for (const id of ids) {
		expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	}
	expect(new Set(ids).size).toBe(500);
});

it('works on pages over plain http, which have no crypto.randomUUID', () => {
	vi.stubGlobal('crypto', { getRandomValues: (bytes: Uint8Array) => bytes.fill(0xff) });
	expect(newId()).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
});
