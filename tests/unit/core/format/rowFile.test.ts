import { expect, test } from 'vitest';
import { FormatError } from '#core/errors.ts';
import { openRowFile } from '#core/format/rowFile.ts';

const open = (bytes: ArrayLike<number>): Promise<unknown> =>
	openRowFile('x.txt', Uint8Array.from(bytes), {
		...{
			limit: 1e6,
			tooLarge: (source, what) => new FormatError(`${source} ${what}`, { code: 'x', hint: 'y' }),
		},
		readParquet: () => Promise.resolve([]),
	});

test('a file of bytes without a known start is binary, not a text with a wrong letter', async () => {
	const noise = Array.from({ length: 4000 }, (_, i) => (i * 7919) & 0xff);
	const zeros = Array.from({ length: 400 }, (_, i) => (i % 3 === 0 ? 0x61 : 0));
	for (const bytes of [noise, zeros])
		await expect(open(bytes)).rejects.toThrow('x.txt is a binary file of an unknown kind, not text.');
});

test('texts with few controls, or in another encoding, keep their own message', async () => {
	const bytes = new TextEncoder().encode('a\0b '.repeat(2) + 'text '.repeat(50));
	await expect(open(bytes)).resolves.toHaveProperty('text');
	// Shift_JIS has bytes that Windows-1252 reads as controls.
	const shiftJis = Array.from({ length: 60 }, () => [0x82, 0x90, 0x8d, 0x81]).flat();
	await expect(open(shiftJis)).rejects.toThrow(/is not UTF-8 text/);
});
