/** The address of a run file on a server, from a link or as a person types it. */
import { FormatError } from '../errors.ts';
import { reachOf } from '../endpoint/reach.ts';
import { httpUrl } from '../recipe/endpoint.ts';
import { cleanName } from '../text/name.ts';

export interface RunFileAddress {
	/** The whole address, as a request uses it. */
	address: string;
	/** Scheme, host and port. */
	origin: string;
	/** The last part of the path, in one line; the host if the path is empty. */
	name: string;
}

/** Bytes of a run file that have arrived. */
export interface RunFileProgress {
	done: number;
	/** Null if the server does not tell the size. */
	total: number | null;
}

/** The bytes of a run file; or the address at another origin that its server leads on to. */
export type FetchedRunFile = { bytes: Uint8Array<ArrayBuffer> } | { movedTo: string };

/** No server takes longer addresses. */
export const LONGEST_ADDRESS = 2000;

/**
 * @param secure true if the page itself came over https: browsers then refuse plain http, except from this machine
 * @throws FormatError `run-address-invalid`, with the reason
 */
export function readRunFileAddress(text: string, secure: boolean): RunFileAddress {
	if (text.length > LONGEST_ADDRESS) throw notAnAddress(`it has more than ${LONGEST_ADDRESS} characters`);
	const url = httpUrl(text.trim());
	if (url === null) throw notAnAddress('it does not begin with https:// or http://');
	if (url.username !== '' || url.password !== '') throw notAnAddress('it holds a user name or a password');
	if (secure && url.protocol === 'http:' && reachOf(url.hostname) !== 'machine')
		throw notAnAddress('this page came over https, and browsers then load nothing over plain http');
	url.hash = '';
	const last = url.pathname.split('/').at(-1) ?? '';
	return { address: url.href, origin: url.origin, name: cleanName(decoded(last)) || url.host };
}

function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

function notAnAddress(why: string): FormatError {
	return new FormatError(`The address of the run file cannot be used: ${why}.`, {
		code: 'run-address-invalid',
		hint: 'Ask for the link again, or for the file itself, and open the file on the Shelf.',
	});
}
