/** Reads a reply that is JSON with the sections as keys, even if the JSON is not quite valid. */
import { isNear } from './labels.ts';
import { SOLUTION_KEY } from './markers.ts';

export interface JsonSections {
	solution: string;
	reasoning: string;
}

/** Depth to which nested objects are searched. */
const DEEPEST = 3;

const plainKey = (key: string): string => key.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

/** A string, a number, or a list of strings as one text. */
function textOf(value: unknown): string | null {
	if (typeof value === 'string') return value;
	if (typeof value === 'number') return String(value);
	const parts: unknown[] = Array.isArray(value) ? value : [];
	return parts.length > 0 && parts.every((part) => typeof part === 'string') ? parts.join('\n') : null;
}

function valueOf(value: unknown, accepts: (key: string) => boolean, depth = 0): string | null {
	if (typeof value !== 'object' || value === null || depth > DEEPEST) return null;
	const entries = Object.entries(value);
	for (const [key, inner] of entries) {
		if (!accepts(key)) continue;
		const text = textOf(inner);
		if (text !== null) return text;
	}
	for (const [, inner] of entries) {
		const found = valueOf(inner, accepts, depth + 1);
		if (found !== null) return found;
	}
	return null;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// Most replies are not JSON.
		return null;
	}
}

/** The sections of a JSON reply, with or without text around the object; null if the reply has no such object. */
export function jsonSections(reply: string): JsonSections | null {
	const start = reply.indexOf('{');
	const end = reply.lastIndexOf('}');
	if (start < 0 || end < start || !/^\{\s*"/.test(reply.slice(start, start + 200))) return null;
	const value = parsed(reply.slice(start, end + 1));
	const solution = valueOf(value, (key) => plainKey(key) === SOLUTION_KEY) ?? valueOf(value, isNear);
	if (solution === null) return null;
	const reasoning = valueOf(value, (key) => /reason|explanation/.test(plainKey(key))) ?? '';
	return { solution, reasoning };
}

/** Place of the quote that ends a string of JSON or Python: quotes inside may be unescaped; -1 if none. */
function endOfString(text: string, quote: string): number {
	for (let i = 1; i < text.length; i++) {
		if (text[i] === '\\') i++;
		else if (text[i] === quote && /^[ \t\n]{0,40}(?:[,}\]]|$)/.test(text.slice(i + 1, i + 42))) return i;
	}
	return -1;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** True if the text opens a string value of JSON and ends inside it. */
export function isCutValue(text: string): boolean {
	const value = text.trim().replace(/^\[\s{0,20}/, '');
	return value.startsWith('"') && endOfString(value, '"') < 0;
}

/** The text of a string value behind a key in quotes; other text stays as it is. */
export function unquotedValue(text: string): string {
	const trimmed = text.trim();
	const quote = trimmed.charAt(0);
	const end = quote === '"' || quote === "'" ? endOfString(trimmed, quote) : -1;
	if (end < 0) return text;
	return trimmed
		.slice(1, end)
		.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_all, code: string | undefined, sign: string | undefined) =>
			code === undefined
				? (ESCAPES[sign ?? ''] ?? sign ?? '')
				: String.fromCharCode(Number.parseInt(code, 16)),
		);
}
