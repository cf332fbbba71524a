/** Bytes as base64 text, in the standard or the URL-safe alphabet (RFC 4648 §5, without padding). */
import { FormatError } from '../errors.ts';

/** Arguments per call of `String.fromCharCode`; engines allow about 64 thousand. */
const CHUNK = 0x8000;

export function toBase64(bytes: Uint8Array): string {
	let binary = '';
	for (let at = 0; at < bytes.length; at += CHUNK)
		binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
	return btoa(binary);
}

/** @throws FormatError if the text is not base64 */
export function fromBase64(text: string, source: string): Uint8Array<ArrayBuffer> {
	try {
		return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
	} catch (cause) {
		throw new FormatError(`${source} is damaged: it is not base64.`, { code: 'base64-invalid', cause });
	}
}

export function toBase64Url(bytes: Uint8Array): string {
	return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @throws FormatError if the text is not base64url */
export function fromBase64Url(text: string, source: string): Uint8Array<ArrayBuffer> {
	return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'), source);
}
