/**
 * JSON in the fragment of an address, which browsers never send to a server: compressed, and written in base64url. Programs change
 * links on their way; reading removes what they add.
 */
import { asAppError, FormatError } from '../errors.ts';
import { fromBase64Url, toBase64Url } from './base64.ts';
import { compress, decompress } from './compress.ts';
import { decodeUtf8 } from './decode.ts';
import { limitJson, type JsonLimits } from './jsonLimits.ts';
import { isRecord } from './record.ts';

/** A kind of link, with its words for messages. */
export interface LinkKind {
	/** The fragment is this and the packed JSON: `#recipe=`. */
	readonly prefix: string;
	/** The longest fragment that is read, the most bytes of its JSON, and the limits of the JSON itself. */
	readonly limits: { readonly characters: number; readonly bytes: number } & JsonLimits;
	/** "The recipe in this link" */
	readonly source: string;
	/** "a recipe is a few settings" */
	readonly usual: string;
	readonly hint: string;
}

/** @param page the page's address; its fragment is replaced */
export async function packedLink({ prefix }: LinkKind, json: unknown, page: string): Promise<string> {
	const bytes = new TextEncoder().encode(JSON.stringify(json));
	const [address = ''] = page.split('#');
	return `${address}${prefix}${toBase64Url(await compress(bytes, 'deflate-raw'))}`;
}

/**
 * @param fragment begins with the prefix of its kind
 * @returns JSON that is not checked
 * @throws  FormatError `link-too-large` · `link-broken`
 */
export async function readPackedLink(kind: LinkKind, fragment: string): Promise<unknown> {
	const { prefix, limits, source } = kind;
	if (fragment.length > limits.characters) throw tooLarge(kind, `${fragment.length} characters long`);
	try {
		const packed = fromBase64Url(packedIn(fragment.slice(prefix.length)), source);
		const bytes = await decompress(packed, 'deflate-raw', { limit: limits.bytes, source });
		limitJson(bytes, limits, source);
		return JSON.parse(decodeUtf8(bytes, source));
	} catch (cause) {
		if (TOO_MUCH.has(asAppError(cause).code)) throw tooLarge(kind, 'far larger');
		throw new FormatError(`${source} is damaged: part of it is missing or was changed on the way.`, {
			code: 'link-broken',
			hint: kind.hint,
			cause,
		});
	}
}

/** Codes of content beyond the limits. */
const TOO_MUCH: ReadonlySet<string> = new Set(['compressed-too-large', 'json-too-deep', 'json-too-many']);

function tooLarge({ source, usual, hint }: LinkKind, what: string): FormatError {
	return new FormatError(`${source} is ${what}; ${usual}.`, { code: 'link-too-large', hint });
}

/**
 * @param form the newest form that this page reads
 * @throws FormatError `link-newer`
 */
export function expectKnownForm({ source, hint }: LinkKind, json: unknown, form: number): void {
	const written = isRecord(json) ? json['schema'] : undefined;
	if (typeof written !== 'number' || written <= form) return;
	throw new FormatError(
		`${source} was written by a newer version: it has form ${written}, and this page reads form ${form}.`,
		{ code: 'link-newer', hint: `Open the link on the page that made it, or update this page. ${hint}` },
	);
}

/** Escapes of an address that programs write into links: those of printable signs and of spaces. */
const unescaped = (text: string): string =>
	text.replace(/%([0-7][\da-f])/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));

/**
 * The packed text, without what programs add to links on their way: escapes, line breaks, invisible characters, parameters
 * (`&utm_source=…`, `?fbclid=…`), a highlight (`:~:text=…`) and the end of a sentence (`.`, `)`).
 */
function packedIn(text: string): string {
	const whole = unescaped(text).replace(/=\r?\n|[\s\p{Cf}]/gu, '');
	const [first = ''] = whole.split(/[&?]|:~:/);
	const packed = /^[\w=-]*/.exec(first)?.[0] ?? '';
	return /^[.,;:!)\]}>"'’”…*]*$/.test(first.slice(packed.length)) ? packed : first;
}
