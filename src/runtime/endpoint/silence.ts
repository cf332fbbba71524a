/** Builds a RemoteError for requests without a readable answer: the server is down, unknown, slow or hidden. */
import { filled } from '#core/endpoint/preset.ts';
import { adviceFor, ENDPOINT_PRESETS, presetOf } from '#core/endpoint/presets.ts';
import { reachOf } from '#core/endpoint/reach.ts';
import type { RemoteError } from '#core/errors.ts';
import { publicUrl } from './address.ts';
import { remoteError, type Target } from './failure.ts';
import { field } from './json.ts';

/** How to allow a web page: the advice of the address's preset, or of every server that people run. */
function corsHelp({ baseUrl, model }: Target, origin: string): string {
	const own = adviceFor(baseUrl.href, 'endpoint-cors', { origin, model });
	return own === null ? corsHelpForAny(origin, model) : ` ${own}`;
}

function corsHelpForAny(origin: string, model: string): string {
	const own = ENDPOINT_PRESETS.filter(({ place }) => place === 'machine');
	const ways = own.map(({ advice }) => filled(advice['endpoint-cors'], { origin, model }));
	return ` ${ways.join(' ')} For a server that is not yours, put a proxy before it that adds the header Access-Control-Allow-Origin.`;
}

/** Chrome asks the user before a page of the internet may reach this machine or its network. */
function permissionHelp({ baseUrl }: Target, origin: string): string {
	const reach = reachOf(baseUrl.hostname);
	if (reach === 'internet' || reachOf(new URL(origin).hostname) === 'machine') return '';
	return ' Chrome also asks whether this page may reach devices on your local network: choose “Allow”, or allow it later by the sign on the left of the page’s address.';
}

/**
 * There was no readable answer: the server is down, its name is wrong, or the browser hid the answer.
 *
 * @param page null outside a browser and for the page's own server, where the browser hides no answer
 */
export function unreachable(
	target: Target,
	cause: unknown,
	page: { origin: string; isolated: boolean } | null,
): RemoteError {
	const address = publicUrl(target.baseUrl);
	const hint = 'Start the server or correct the address, then ask again.';
	return remoteError(target, {
		code: 'endpoint-unreachable',
		// The browser tells an isolated page nothing about other servers, not even whether they exist.
		message:
			page?.isolated === true
				? `${address} gave no answer that this page may read: it is down, or it does not allow this page (${page.origin}).`
				: `Nothing answered at ${address}${transportReason(cause)}.`,
		hint:
			page === null
				? hint
				: `${hint} If it does run, it may not allow this page (${page.origin}).${permissionHelp(target, page.origin)}${corsHelp(target, page.origin)}`,
		cause,
	});
}

/** The server answers, but forbids this page to read the answer. */
export function blockedByCors(target: Target, cause: unknown, origin: string): RemoteError {
	return remoteError(target, {
		code: 'endpoint-cors',
		message: `${target.baseUrl.host} is running but does not allow this page (${origin}) to read its answers.`,
		hint: `Allow the page’s origin on the server, then ask again.${permissionHelp(target, origin)}${presetOf(target.baseUrl.href) === null ? corsHelpForAny(origin, target.model) : ''}`,
		context: { origin },
		cause,
	});
}

export function mixedContent(target: Target, origin: string): RemoteError {
	return remoteError(target, {
		code: 'endpoint-mixed-content',
		message: `This page was loaded by https, so the browser blocks its requests to plain http servers, such as ${target.baseUrl.host}.`,
		hint: `Give the server’s https address, run it on this machine (localhost is allowed), or open the page by http.${permissionHelp(target, origin)}`,
		context: { origin },
	});
}

/** @param total true if the whole request took too long although the server kept sending */
export function tooSlow(target: Target, timeoutMs: number, total = false): RemoteError {
	const seconds = timeoutMs / 1000;
	return remoteError(target, {
		code: 'endpoint-timeout',
		message: total
			? `${target.baseUrl.host} did not finish its reply within ${seconds} s.`
			: `${target.baseUrl.host} sent nothing for ${seconds} s.`,
		hint: 'Ask again with fewer requests at a time, or allow it more time: large models need it for the first answer.',
		context: { timeoutMs },
	});
}

/** Node's reason for a failed connection; browsers give none. */
function transportReason(cause: unknown): string {
	for (let error = cause; error instanceof Error; error = error.cause) {
		const code = field(error, 'code');
		if (code === 'ECONNREFUSED') return ' (connection refused)';
		if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return ' (the name is not known)';
		if (code === 'ECONNRESET') return ' (the connection was closed)';
	}
	return '';
}
