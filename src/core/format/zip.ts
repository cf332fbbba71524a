/**
 * Writes ZIP archives without compression, for content that is compressed already.
 *
 * Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16 (its end).
 */
import { FormatError } from '../errors.ts';
import { joined } from './joined.ts';

export interface ZipEntry {
	/** File name, with the names of its folders: `data/pairs.jsonl`. */
	name: string;
	content: Uint8Array<ArrayBuffer>;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** Version 2.0; bit 11: names are UTF-8; method 0: stored. */
const VERSION = 20;
const UTF8_NAMES = 0x0800;
const STORED = 0;
/** Offsets have 32 bits. */
const LARGEST = 0xffff_ffff;

/** The table of CRC-32 with the reversed polynomial of ISO 3309. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
	let c = n;
	for (let bit = 0; bit < 8; bit++) c = (c & 1) === 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
	return c;
});

/** CRC-32 as in ZIP, gzip and PNG. */
export function crc32(bytes: Uint8Array): number {
	let crc = -1;
	for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
	return (crc ^ -1) >>> 0;
}

/**
 * @param date of every entry, in ISO form
 * @throws FormatError `zip-too-large` for more than 4 GB or 65,535 entries
 */
export function zip(entries: readonly ZipEntry[], date: string): Uint8Array<ArrayBuffer> {
	const parts: Uint8Array<ArrayBuffer>[] = [];
	const directory: Uint8Array<ArrayBuffer>[] = [];
	let offset = 0;
	for (const { name, content } of entries) {
		const nameBytes = new TextEncoder().encode(name);
		const about = [
			UTF8_NAMES,
			STORED,
			...dosTime(date),
			crc32(content),
			content.length,
			content.length,
		] as const;
		const local = header(LOCAL, [VERSION], about, [nameBytes.length, 0]);
		directory.push(
			header(CENTRAL, [VERSION, VERSION], about, [nameBytes.length, 0, 0, 0, 0], [0, offset]),
			nameBytes,
		);
		parts.push(local, nameBytes, content);
		offset += local.length + nameBytes.length + content.length;
		if (offset > LARGEST || entries.length > 0xffff) throw tooLarge();
	}
	const size = directory.reduce((sum, { length }) => sum + length, 0);
	const end = new DataView(new ArrayBuffer(22));
	end.setUint32(0, END, true);
	end.setUint16(8, entries.length, true);
	end.setUint16(10, entries.length, true);
	end.setUint32(12, size, true);
	end.setUint32(16, offset, true);
	return joined([...parts, ...directory, new Uint8Array(end.buffer)]);
}

type About = readonly [
	flags: number,
	method: number,
	time: number,
	date: number,
	crc: number,
	packed: number,
	size: number,
];

/** @param longs two numbers of 32 bits at the end; only the central directory has them */
function header(
	signature: number,
	versions: readonly number[],
	[flags, method, time, date, ...sizes]: About,
	shorts: readonly number[],
	longs: readonly number[] = [],
): Uint8Array<ArrayBuffer> {
	const before = [...versions, flags, method, time, date];
	const view = new DataView(
		new ArrayBuffer(4 + 2 * before.length + 12 + 2 * shorts.length + 4 * longs.length),
	);
	let at = 0;
	const put16 = (value: number): void => {
		view.setUint16(at, value, true);
		at += 2;
	};
	const put32 = (value: number): void => {
		view.setUint32(at, value, true);
		at += 4;
	};
	put32(signature);
	before.forEach(put16);
	sizes.forEach(put32);
	shorts.forEach(put16);
	longs.forEach(put32);
	return new Uint8Array(view.buffer);
}

/** MS-DOS time and date, in steps of two seconds from 1980 on; UTC, because archives name no zone. */
function dosTime(iso: string): [time: number, date: number] {
	const when = new Date(iso);
	const time = (when.getUTCHours() << 11) | (when.getUTCMinutes() << 5) | (when.getUTCSeconds() >> 1);
	const date = ((when.getUTCFullYear() - 1980) << 9) | ((when.getUTCMonth() + 1) << 5) | when.getUTCDate();
	return [time, date];
}

function tooLarge(): FormatError {
	return new FormatError('The archive would have more than 4 GB.', {
		code: 'zip-too-large',
		hint: 'Open the runs and export them one by one.',
	});
}
