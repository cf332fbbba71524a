/** Reads GGUF's little-endian values one after the other from the first bytes of a file. */
import { ggufInvalid } from './fault.ts';

/** Thrown when the bytes end inside a value: the caller reads more of the file, or refuses it. */
export class MoreBytesNeeded extends Error {
	override readonly name = 'MoreBytesNeeded';
}

/** ignoreBOM keeps a byte order mark, which is a token of some vocabularies. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Longest text, in bytes; chat templates have up to some ten thousand. */
const LONGEST_TEXT = 2 ** 24;

export class Cursor {
	at = 0;
	readonly #bytes: Uint8Array;
	readonly #view: DataView;
	readonly #fileSize: number;
	readonly #source: string;

	/**
	 * @param bytes    the file's first bytes
	 * @param fileSize bytes of the whole file; no count may claim more
	 */
	constructor(bytes: Uint8Array, fileSize: number, source: string) {
		this.#bytes = bytes;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		this.#fileSize = fileSize;
		this.#source = source;
	}

	u8 = (): number => this.#view.getUint8(this.#take(1));
	i8 = (): number => this.#view.getInt8(this.#take(1));
	u16 = (): number => this.#view.getUint16(this.#take(2), true);
	i16 = (): number => this.#view.getInt16(this.#take(2), true);
	u32 = (): number => this.#view.getUint32(this.#take(4), true);
	i32 = (): number => this.#view.getInt32(this.#take(4), true);
	/** Numbers beyond 2^53 are rounded; no field that is used has such. */
	u64 = (): number => Number(this.#view.getBigUint64(this.#take(8), true));
	i64 = (): number => Number(this.#view.getBigInt64(this.#take(8), true));
	f32 = (): number => this.#view.getFloat32(this.#take(4), true);
	f64 = (): number => this.#view.getFloat64(this.#take(8), true);
	flag = (): boolean => this.u8() !== 0;
	text = (): string => this.shortText(LONGEST_TEXT, 'a text');

	/** @throws FormatError if the text is longer than `most` bytes */
	shortText(most: number, what: string): string {
		const length = this.count(1, most, `${what} of so many bytes`);
		const start = this.#take(length);
		return UTF8.decode(this.#bytes.subarray(start, start + length));
	}

	/**
	 * A number of items that follow.
	 *
	 * @param itemBytes fewest bytes of an item: the file must have room for all
	 * @param what      for the message
	 * @throws FormatError if the count is beyond `most` or the file
	 */
	count(itemBytes: number, most: number, what: string): number {
		const count = this.u64();
		if (count <= most && count * itemBytes <= this.#fileSize - this.at) return count;
		throw ggufInvalid(this.#source, `announces ${what} (${count}) at byte ${this.at - 8}.`);
	}

	/** Moves past `bytes` and returns the position before. */
	#take(bytes: number): number {
		const start = this.at;
		if (start + bytes > this.#bytes.length) throw new MoreBytesNeeded();
		this.at = start + bytes;
		return start;
	}
}
