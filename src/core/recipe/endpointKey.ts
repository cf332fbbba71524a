/** The key of an endpoint as users paste it: trimmed, and checked for characters that no request can carry. */

/** Removes outer spaces and line breaks, and the word `Bearer` of a copied header. */
export function readKey(text: string): string {
	return text
		.trim()
		.replace(/^(?:authorization:\s*)?bearer\s+/i, '')
		.trim();
}

export interface KeyProblem {
	/** 1-based place of the first character that cannot be sent, counted in characters. */
	position: number;
	/** The character in words: `a zero-width space (U+200B)`. */
	character: string;
}

/** Null if an HTTP header can carry the key: it holds Latin-1 without control characters. */
export function keyProblem(key: string): KeyProblem | null {
	const characters = Array.from(key);
	const at = characters.findIndex((character) => !/^[\t\u0020-\u007e\u00a0-\u00ff]$/.test(character));
	const found = characters[at];
	return found === undefined ? null : { position: at + 1, character: nameOf(found) };
}

/** Names of characters that copying adds or that a masked key shows. */
const NAMES: Readonly<Record<string, string>> = {
	'\n': 'a line break',
	'\r': 'a line break',
	'\u2028': 'a line break',
	'\u2029': 'a paragraph break',
	'\u200b': 'a zero-width space',
	'\u200c': 'a zero-width non-joiner',
	'\u200d': 'a zero-width joiner',
	'\u200e': 'a left-to-right mark',
	'\u200f': 'a right-to-left mark',
	'\u2060': 'a word joiner',
	'\ufeff': 'a byte order mark',
	'\u2010': 'a typographic hyphen',
	'\u2011': 'a non-breaking hyphen',
	'\u2013': 'a dash',
	'\u2014': 'a long dash',
	'\u2018': 'a curly quote',
	'\u2019': 'a curly quote',
	'\u201c': 'a curly quote',
	'\u201d': 'a curly quote',
	'\u2026': 'an ellipsis, as in a shortened key',
	'\u2022': 'a bullet, as in a hidden key',
	'\u25cf': 'a bullet, as in a hidden key',
};

function nameOf(character: string): string {
	const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
	const name = NAMES[character];
	if (name !== undefined) return `${name} (${code})`;
	if (/^\p{Cc}$/u.test(character)) return `a control character (${code})`;
	if (/^\p{Zs}$/u.test(character)) return `an unusual space (${code})`;
	return /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character)
		? `“${character}” (${code})`
		: `an invisible character (${code})`;
}
