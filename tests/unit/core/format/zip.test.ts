import { expect, test } from 'vitest';
import { crc32, zip } from '#core/format/zip.ts';

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** The check value of CRC-32/ISO-HDLC. */
test('the checksum of the catalogue’s test text', () => {
	expect(crc32(utf8('123456789'))).toBe(0xcbf43926);
	expect(crc32(utf8(''))).toBe(0);
});

/** Reads an archive by its central directory, as unpackers do. */
function read(bytes: Uint8Array<ArrayBuffer>): { name: string; content: string; date: number }[] {
	const view = new DataView(bytes.buffer);
	const end = bytes.length - 22;
	expect(view.getUint32(end, true)).toBe(0x06054b50);
	let at = view.getUint32(end + 16, true);
	expect(at + view.getUint32(end + 12, true)).toBe(end);
	return Array.from({ length: view.getUint16(end + 10, true) }, () => {
		expect(view.getUint32(at, true)).toBe(0x02014b50);
		const [crc, size] = [view.getUint32(at + 16, true), view.getUint32(at + 24, true)];
		const nameLength = view.getUint16(at + 28, true);
		const local = view.getUint32(at + 42, true);
		const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
		const date = view.getUint16(at + 14, true);
		at += 46 + nameLength;
		expect(view.getUint32(local, true)).toBe(0x04034b50);
		const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
		const content = bytes.subarray(start, start + size);
		expect(crc32(content)).toBe(crc);
		return { name, content: new TextDecoder().decode(content), date };
	});
}

test('an archive has its entries with names in any script', () => {
	const entries = [
		{ name: 'sunday.run.json.gz', content: utf8('one') },
		{ name: 'हिन्दी.json', content: utf8('') },
	];
	const date = ((2026 - 1980) << 9) | (11 << 5) | 29;
	expect(read(zip(entries, '2026-11-29T20:00:00.000Z'))).toEqual([
		{ name: 'sunday.run.json.gz', content: 'one', date },
		{ name: 'हिन्दी.json', content: '', date },
	]);
	expect(read(zip([], '2026-11-29T20:00:00.000Z'))).toEqual([]);
});
