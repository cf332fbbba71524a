/** Strikes keys of endpoints out of texts that come from a server or an exception, or that leave the page. */

import { plainCopy } from './plainCopy.ts';

/** Replaces each occurrence of the key, in any of its forms, with `[key]`. */
export type Redact = (text: string) => string;

const STRUCK = '[key]';

/**
 * The forms in which servers write keys that this page never had. Each takes linear time: no two repetitions can
 * start at the same sign.
 */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
	[/\b(bearer)(?:\s+|%20)(?!auth|token|realm)[^\s"',;]+/gi, `$1 ${STRUCK}`],
	// “Token limit” and “basic plan” are words; credentials have digits, padding or mixed case.
	[
		/\b([Bb]asic|BASIC|[Tt]oken|TOKEN)(?:\s+|%20)(?=[^\s"',;]*(?:[\d=]|[a-z][A-Z]))[^\s"',;]{8,}/g,
		`$1 ${STRUCK}`,
	],
	[/\b(?:sk|pk|rk|hf|gsk|xai|key|AIza)[-_][\w.*-]{5,}[\w*-]/gi, STRUCK],
	[/\bAIza[\w-]{20,}/g, STRUCK],
	// A JSON Web Token.
	[/(?<![\w-])eyJ[\w-]{10,}\.[\w-]+(?:\.[\w-]*)?/g, STRUCK],
	[/(:\/\/)[^\s/@"']+@/g, `$1${STRUCK}@`],
	[/([?&][\w.-]+=)[^&\s"'”#]+/g, `$1${STRUCK}`],
	[/((?:api[-_ ]?key|authorization|password|secret)["']?\s*[:=]\s*["']?)[^\s"',;}]+/gi, `$1${STRUCK}`],
];

/** Strikes out everything that has the form of a key. */
export function withoutKeyForms(text: string): string {
	return PATTERNS.reduce((struck, [pattern, by]) => struck.replace(pattern, by), text);
}

/** Words that servers without keys ask for; they are no secret and occur in ordinary text. */
export const PLACEHOLDERS: ReadonlySet<string> = new Set([
	...['none', 'null', 'empty', 'test', 'dummy', 'local', 'token', 'ollama', 'lm-studio', 'no-key'],
	...['not-needed', 'sk-no-key-required', 'openai', 'undefined', 'password', 'apikey', 'api-key'],
]);
/** A shorter key occurs by chance within words. */
export const SHORTEST = 4;
/** From this length on, upper and lower case are not distinguished. */
export const ANY_CASE = 8;
/** From this length on, half of a key is struck out too: servers repeat keys with their end or middle hidden. */
export const HALVED = 16;

/** The redactor of one key that the page knows. */
export function redactor(key: string): Redact {
	const secret = key.trim();
	if (secret === '' || PLACEHOLDERS.has(secret.toLowerCase())) return (text) => text;
	if (secret.length < SHORTEST) return labelled(secret);
	const flags = secret.length >= ANY_CASE ? 'gi' : 'g';
	const whole = new RegExp([...formsOf(secret)].sort(longestFirst).join('|'), flags);
	const part = secret.length < HALVED ? null : new RegExp(halvesOf(secret).join('|'), flags);
	const strikeEscaped = strikerOfCopies(secret, flags);
	return (text) => {
		const struck = strikeEscaped(text.replace(whole, STRUCK));
		return part === null ? struck : struck.replace(part, STRUCK);
	};
}

/** Strikes out the key where it is escaped, spaced or wrapped: it is found in the plain copy of the text. */
function strikerOfCopies(secret: string, flags: string): Redact {
	const plain = plainCopy(secret).text;
	if (plain.length < SHORTEST) return (text) => text;
	const half = Math.ceil(plain.length / 2);
	const parts = plain.length < HALVED ? [] : [startOf(plain, half), escaped(plain.slice(-half))];
	const pattern = new RegExp([escaped(plain), ...parts].join('|'), flags);
	return (text) => {
		const copy = plainCopy(text);
		const kept: string[] = [];
		let read = 0;
		for (const { 0: found, index } of copy.text.matchAll(pattern)) {
			const from = copy.starts[index] ?? 0;
			const to = copy.ends[index + found.length - 1] ?? from;
			// A short key occurs by chance across the end of a word.
			if (plain.length < ANY_CASE && /\s/.test(text.slice(from, to))) continue;
			kept.push(text.slice(read, from), STRUCK);
			read = to;
		}
		return kept.length === 0 ? text : kept.join('') + text.slice(read);
	};
}

/** Patterns nest once for each sign that may follow; engines limit the depth. */
const MOST_SIGNS_AFTER = 200;

/** Matches the first half of a key, and as much of the rest as follows. */
function startOf(plain: string, half: number): string {
	const rest = plain
		.slice(half, half + MOST_SIGNS_AFTER)
		.split('')
		.map(escaped);
	return `${escaped(plain.slice(0, half))}${rest.map((sign) => `(?:${sign}`).join('')}${')?'.repeat(rest.length)}`;
}

/** A key of one to three characters is struck out only where the text says that it is the key. */
function labelled(secret: string): Redact {
	const named = new RegExp(
		`((?:bearer|key|token)\\b["'“‘\`]?[:=]?\\s{0,3}["'“‘\`]?)${escaped(secret)}(?![\\w-])`,
		'gi',
	);
	return (text) => text.replace(named, `$1${STRUCK}`);
}

/** The key's forms as patterns, also with its spaces written in another way. */
function formsOf(secret: string): Set<string> {
	// Servers collapse, drop or encode spaces within a key.
	const spaced = secret.split(/\s+/).map(escaped).join('(?:\\s|%20|\\+)*');
	return new Set([spaced, ...writtenForms(secret).map(escaped)]);
}

/** The key in an address, in JSON, in HTML, and within base64. */
export function writtenForms(secret: string): string[] {
	const encoded = encodeURIComponent(wellFormed(secret));
	return [
		encoded,
		encoded.replaceAll('%20', '+'),
		encodeURIComponent(encoded),
		encodeURI(wellFormed(secret)),
		JSON.stringify(secret).slice(1, -1),
		JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
		secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
		...base64Forms(secret),
	];
}

/**
 * The part of the key's base64 that does not depend on its neighbours, for each of the three alignments: basic
 * authentication encodes `user:key`.
 */
function base64Forms(secret: string): string[] {
	const binary = String.fromCharCode(...new TextEncoder().encode(secret.slice(0, 4096)));
	const inner = [0, 1, 2].map((shift) => {
		const bits = (shift + binary.length) * 8;
		return btoa('\0'.repeat(shift) + binary).slice(Math.ceil((shift * 8) / 6), Math.floor(bits / 6));
	});
	const whole = [binary, `:${binary}`, `${binary}:`].map((text) => btoa(text).replace(/=+$/, ''));
	return [...whole, ...inner]
		.filter((form) => form.length > SHORTEST)
		.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

function halvesOf(secret: string): string[] {
	const length = Math.ceil(secret.length / 2);
	return [`${escaped(secret.slice(0, length))}[^\\s"'“”‘’<>(),;]*`, escaped(secret.slice(-length))];
}

function longestFirst(a: string, b: string): number {
	return b.length - a.length;
}

function escaped(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** `encodeURIComponent` throws for half of a surrogate pair. */
function wellFormed(text: string): string {
	return text.replace(/[\ud800-\udfff]/gu, '\ufffd');
}
