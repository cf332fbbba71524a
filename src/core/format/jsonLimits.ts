/**
 * Limits on JSON text, checked before it is parsed: the parser makes an object for every few bytes, so that a small file could take all
 * memory.
 */
import { FormatError } from '../errors.ts';

export interface JsonLimits {
	/** Lists and objects inside one another. */
	depth: number;
	/** Numbers, texts, lists, objects and other values in all. */
	values: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSE: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/**
 * Accepts text that is not JSON; the parser refuses it.
 *
 * @param bytes UTF-8
 * @throws FormatError `json-too-deep` · `json-too-many`, with the offset
 */
export function limitJson(bytes: Uint8Array, limits: JsonLimits, source: string): void {
	let depth = 0;
	let values = 1;
	for (let at = 0; at < bytes.length; at++) {
		const byte = bytes[at] ?? 0;
		if (byte === QUOTE) at = endOfText(bytes, at);
		else if (byte === COMMA) values++;
		else if (OPEN.has(byte)) {
			depth++;
			values++;
		} else if (CLOSE.has(byte)) depth--;
		else continue;
		if (depth > limits.depth) throw tooDeep(source, limits, at);
		if (values > limits.values) throw tooMany(source, limits, at);
	}
}

/** Index of the quote that ends the text, or the length of a file that is cut off. */
function endOfText(bytes: Uint8Array, start: number): number {
	for (let at = start + 1; at < bytes.length; at++) {
		if (bytes[at] === BACKSLASH) at++;
		else if (bytes[at] === QUOTE) return at;
	}
	return bytes.length;
}

function tooDeep(source: string, { depth }: JsonLimits, offset: number): FormatError {
	return new FormatError(`${source} has more than ${depth} lists inside one another at byte ${offset + 1}.`, {
		code: 'json-too-deep',
		hint: 'No file that this page writes is like this. Choose another file.',
		context: { depth, offset },
	});
}

function tooMany(source: string, { values }: JsonLimits, offset: number): FormatError {
	return new FormatError(`${source} has more than ${values} values at byte ${offset + 1}.`, {
		code: 'json-too-many',
		hint: 'The page cannot show a run of this size. Export its pairs or its adapter instead, where it was made.',
		context: { values, offset },
	});
}

/** The path of the first number that is not finite: JSON has `1e999`, which is read as Infinity. Null if there is none. */
export function firstNotFinite(json: unknown): string | null {
	const waiting: { value: unknown; path: string }[] = [{ value: json, path: '' }];
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		const { value, path } = next;
		if (typeof value === 'number' && !Number.isFinite(value)) return path;
		if (typeof value !== 'object' || value === null) continue;
		for (const [key, inner] of Object.entries(value)) {
			// Texts are most of a run, and no number is inside them.
			if (typeof inner === 'string') continue;
			waiting.push({ value: inner, path: path === '' ? key : `${path}.${key}` });
		}
	}
	return null;
}
