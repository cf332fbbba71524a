/** How far a request to a host travels: it decides about plain http, and about the words for data that was sent. */

/**
 * machine: this computer. network: a private IPv4 address of the local network. internet: every other host, also a
 * name of the local network, which only a name server could tell apart.
 */
export type Reach = 'machine' | 'network' | 'internet';

const LOCAL_NAME = /^(?:.+\.)?localhost\.?$/;
const LOOPBACK_V4 = /^127(?:\.\d+){3}$|^0\.0\.0\.0$/;
const PRIVATE_V4 = /^(?:10(?:\.\d+){3}|(?:192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d+){2})$/;
const LOOPBACK_V6 = '[::1]';

/** @param host as `URL.hostname` writes it: lower case, IPv4 in four decimal numbers, IPv6 in brackets */
export function reachOf(host: string): Reach {
	if (LOCAL_NAME.test(host) || LOOPBACK_V4.test(host) || host === LOOPBACK_V6) return 'machine';
	return PRIVATE_V4.test(host) ? 'network' : 'internet';
}
