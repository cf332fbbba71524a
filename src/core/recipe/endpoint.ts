/** The endpoint's address in a recipe: recipes are saved, shared and exported, so it must hold no secret. */
import { reachOf } from '../endpoint/reach.ts';

export interface EndpointAddress {
	/** The address to keep: with a scheme and without secrets; other text is returned trimmed. */
	address: string;
	/** The scheme that was added because the text had none; null if it had one. */
	addedScheme: 'http' | 'https' | null;
	/** True if a part that can hold a key was removed. */
	shortened: boolean;
}

/**
 * Reads an address as users type or paste it. Adds a missing scheme: `http` for this machine and private
 * IPv4 addresses, else `https`. Removes the parts that can hold a key: user name and password, query and fragment;
 * only Azure's `api-version` stays, because every request needs it. Text that is not an http(s) address is
 * returned as it is, so that the recipe's own check refuses it.
 */
export function readAddress(text: string): EndpointAddress {
	const cleaned = withoutTail(withoutWrapping(text));
	const addedScheme = missingScheme(cleaned);
	const whole = addedScheme === null ? cleaned : `${addedScheme}://${cleaned}`;
	const url = httpUrl(whole);
	if (url === null) return { address: cleaned, addedScheme: null, shortened: false };
	const doubled = url.pathname.includes('//');
	url.pathname = singleSlashes(url.pathname);
	const path = singleSlashes(withoutKeys(url.pathname));
	const version = apiVersion(url);
	const kept = version === null ? '' : `?api-version=${version}`;
	const shortened =
		url.username + url.password + url.hash !== '' || url.search !== kept || path !== url.pathname;
	if (!shortened) return { address: doubled ? withoutTail(url.href) : whole, addedScheme, shortened };
	url.username = '';
	url.password = '';
	url.pathname = path;
	url.search = kept;
	url.hash = '';
	// A sign that was in front of a removed part now ends the address.
	return { address: withoutTail(url.href), addedScheme, shortened };
}

function singleSlashes(path: string): string {
	return path.replace(/\/{2,}/g, '/');
}

/** The address without secrets. Adds no scheme: recipes have whole addresses, and their check refuses others. */
export function publicAddress(text: string): string {
	const { address, addedScheme } = readAddress(text);
	return addedScheme === null ? address : address.slice(`${addedScheme}://`.length);
}

/** True for a complete http(s) address. */
export function isHttpAddress(text: string): boolean {
	return httpUrl(text) !== null;
}

/** The http(s) address in a text; null if it is none. `URL` takes the path of `http:///v1` for its host. */
export function httpUrl(text: string, base?: string): URL | null {
	if (/^\s*https?:[/\\]{3}/i.test(text) || !URL.canParse(text, base)) return null;
	const url = new URL(text, base);
	return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}

/** `2024-10-21`, `2024-10-21-preview`, `v1`, `1.0`, `preview`: forms in which no key fits. */
const VERSION =
	/^(?:(?:\d{4}-\d{2}-\d{2}|v?\d{1,3}(?:\.\d{1,3})?)(?:-preview|-alpha|-beta)?|preview|latest)$/i;

/** The value of Azure's `api-version` in a query; null if absent or of another form than a version. */
export function apiVersion(url: URL): string | null {
	const value = [...url.searchParams].find(([name]) => name.toLowerCase() === 'api-version')?.[1] ?? '';
	return VERSION.test(value) ? value : null;
}

/** The forms of keys that vendors give out; a path such as `hf-inference` is none. */
const KEY = /^(?:(?:sk|pk|rk|gsk|xai|nvapi)[-_]|(?:hf|ghp|r8|tgp)_|key[-_](?=.*\d)|AIza|eyJ)[\w.~-]{4,}/;
const NAMES_KEY = /^(?:(?:api|access|auth|secret)[-_]?)?(?:key|token|secret|password|passwd|pwd|bearer)$/i;

/** The path without parameters (`;key=…`, `key=…`), keys, and what follows a word such as `key` or `token`. */
function withoutKeys(path: string): string {
	const [first = '', ...segments] = path.split('/');
	const names = segments.map((segment) => decoded(segment).split(/[;=:]/)[0] ?? '');
	const kept = segments.flatMap((segment, i) => {
		const text = decoded(segment);
		const bare = text.split(';')[0] ?? '';
		if (bare.includes('=') || KEY.test(bare) || NAMES_KEY.test(names[i] ?? '')) return [];
		if (NAMES_KEY.test(names[i - 1] ?? '') && !/[=:]/.test(decoded(segments[i - 1] ?? ''))) return [];
		return [bare === text ? segment : (segment.split(/;|%3b/i)[0] ?? '')];
	});
	return kept.length === segments.length && kept.every((segment, i) => segment === segments[i])
		? path
		: [first, ...(kept.length === 0 ? [''] : kept)].join('/');
}

function decoded(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		// Stray percent signs stay as they are.
		return segment;
	}
}

/** Characters without a glyph, which copying adds, and control characters: no address contains them. */
const INVISIBLE = /[\p{Cc}\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/gu;

/** `base_url="…"`, `"baseURL": "…"`, `export OPENAI_BASE_URL=…`, `api_base='…'` */
const SETTING =
	/(?:^|[\s({,"'`<“.])\w{0,40}(?:base_?ur[li]|api_?base)["']?\s{0,4}[:=]\s{0,4}(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"',;)}]+))/i;

/** The value of a base URL's setting in pasted code; other text, also a setting in a setting, is returned as it is. */
function valueOfSetting(text: string): string {
	const found = SETTING.exec(text);
	if (found === null) return text;
	const value = found[1] ?? found[2] ?? found[3] ?? '';
	return SETTING.test(value) ? text : value;
}

/** Removes outer spaces, quotes and brackets, invisible characters, and the code around the value of a setting. */
function withoutWrapping(text: string): string {
	return unwrapped(valueOfSetting(unwrapped(text.replace(INVISIBLE, ''))));
}

function unwrapped(text: string): string {
	const trimmed = text.trim();
	const quoted = /^(?:"([^"]*)"|'([^']*)'|`([^`]*)`|<([^>]*)>|“([^”]*)”)$/.exec(trimmed);
	return quoted === null ? trimmed : quoted.slice(1).join('').trim();
}

/** Without the end of the sentence around an address, and without marks that links get on their way (`&utm_source=…`). */
function withoutTail(text: string): string {
	const mark = text.indexOf('&utm_');
	const end = mark > 0 && !text.slice(0, mark).includes('?') ? mark : text.length;
	return text.slice(0, end).replace(/(?<=[\w/\]])[.,;!]{1,3}$/, '');
}

/** A host with an optional port, after an optional user name and password. */
const HOST =
	/^(?:[^/@\s?#]*@)?(\[[0-9a-f:.]+\]|[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.?)(:\d{1,5})?(?=[/?#]|$)/iu;

/** The scheme to add in front of `host:port/path`; null if the text has one or is no address. */
function missingScheme(text: string): 'http' | 'https' | null {
	const [, name = '', port = ''] = HOST.exec(text) ?? [];
	if (name === '' || /^https?$/i.test(name) || /^(?:mailto|sips?|xmpp|acct):/i.test(text)) return null;
	const host = hostOf(text);
	// A key reaches these hosts in plain text without leaving this machine or its network.
	if (reachOf(host) !== 'internet') return 'http';
	// A single word with a port is a machine of the local network; without one it is no address.
	if (!/[.:]/.test(host)) return port === '' ? null : 'http';
	return 'https';
}

/** The host that a request would reach: only `URL` reads every way to write one as browsers do. */
function hostOf(text: string): string {
	return URL.canParse(`https://${text}`) ? new URL(`https://${text}`).hostname : text;
}
