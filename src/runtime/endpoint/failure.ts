/**
 * Why a request to an endpoint failed, each as a RemoteError whose message says who said what and whose hint says what to do.
 * Read `fromStatus` for answers with an error status; the functions after it are for answers that never came or make no sense.
 */
import { RemoteError, type ErrorContext } from '#core/errors.ts';
import { publicUrl, withoutSecrets } from './address.ts';

/** What is known of a request when it fails. The key is here only to be struck out of what the server says. */
export interface Target {
	baseUrl: URL;
	model: string;
	apiKey: string;
}

interface Failure {
	code: string;
	message: string;
	hint: string;
	context?: ErrorContext;
	cause?: unknown;
}

/** Servers that people run themselves, and how each is told to let a web page in. */
export function corsHelp(origin: string): string {
	return (
		'llama.cpp (llama-server) lets every page in as it is; ' +
		`vLLM: start it with --allowed-origins '["${origin}"]'; ` +
		`Ollama: set OLLAMA_ORIGINS=${origin} and restart it; ` +
		'LM Studio: switch on “Enable CORS” in its server settings. ' +
		'For a server that is not yours, put a proxy before it that adds the header Access-Control-Allow-Origin.'
	);
}

export function remoteError(target: Target, failure: Failure): RemoteError {
	const { code, message, hint, cause } = failure;
	return new RemoteError(message, {
		code,
		hint,
		context: { url: publicUrl(target.baseUrl), model: target.model, ...failure.context },
		...(cause === undefined ? {} : { cause }),
	});
}

const statusFailures: Readonly<Record<number, (target: Target, said: string) => Failure>> = {
	401: (target, said) => ({
		code: 'endpoint-key-refused',
		message:
			target.apiKey === ''
				? `${target.baseUrl.host} asks for a key (401${said}).`
				: `${target.baseUrl.host} did not accept the key (401${said}).`,
		hint: 'Give a new key and go on, or choose another reviser for the rest.',
	}),
	403: (target, said) => ({
		code: 'endpoint-forbidden',
		message: `${target.baseUrl.host} knows the key but does not let it use ${target.model} (403${said}).`,
		hint: 'Choose a model that this key may use, or allow it in the account of the server.',
	}),
	404: (target, said) => ({
		code: 'endpoint-not-found',
		message: `${target.baseUrl.host} has no model ${target.model} at ${target.baseUrl.pathname || '/'} (404${said}).`,
		hint: 'Check the model’s name against the list of models, and the base URL: most servers want it to end in /v1.',
	}),
	429: (target, said) => ({
		code: 'endpoint-rate-limited',
		message: `${target.baseUrl.host} takes no more requests for now (429${said}).`,
		hint: 'Wait a little and go on with fewer requests at a time, or look whether the account has credit left.',
	}),
};

/**
 * @param body       what the server sent with the status, as text; may be empty or a page
 * @param retryAfter seconds that the server asked to wait, where it did
 */
export function fromStatus(
	target: Target,
	status: number,
	body: string,
	retryAfter: number | null,
): RemoteError {
	const said = serverWords(target, body);
	const quoted = said === '' ? '' : `: “${said}”`;
	const failure =
		statusFailures[status]?.(target, quoted) ??
		(status >= 500 ? serverFailure(target, status, quoted) : requestFailure(target, status, quoted));
	return remoteError(target, { ...failure, context: { status, retryAfterSeconds: retryAfter } });
}

function serverFailure(target: Target, status: number, said: string): Failure {
	return {
		code: 'endpoint-server-error',
		message: `${target.baseUrl.host} failed by itself (${status}${said}).`,
		hint: 'Ask again in a while; if it stays so, the server’s own log says why.',
	};
}

function requestFailure(target: Target, status: number, said: string): Failure {
	return {
		code: 'endpoint-request-refused',
		message: `${target.baseUrl.host} refused the request (${status}${said}).`,
		hint: 'Correct what it names, or choose another model: not every model takes every setting.',
	};
}

/** The sentence in OpenAI's error form, or the text itself where it is short and no page. */
function serverWords(target: Target, body: string): string {
	return withoutSecrets(errorMessage(body), target.apiKey);
}

function errorMessage(body: string): string {
	if (looksLikeHtml(body)) return '';
	try {
		const json: unknown = JSON.parse(body);
		const error = field(json, 'error') ?? json;
		const message = typeof error === 'string' ? error : (field(error, 'message') ?? field(error, 'detail'));
		return typeof message === 'string' ? message : '';
	} catch {
		// Not JSON: plain words are as good.
		return body;
	}
}

function field(value: unknown, name: string): unknown {
	return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

export function looksLikeHtml(body: string): boolean {
	return /^\s*(<!doctype html|<html|<head|<body)/i.test(body);
}

/**
 * Nothing came back that could be read: the server is down, the name is wrong, or the browser hid the answer.
 *
 * @param page null outside a browser and for the page's own server, where only the first two can be
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
		// An isolated page is told nothing of other servers, not even that they are there.
		message:
			page?.isolated === true
				? `${address} gave no answer that this page may read: it is down, or it does not allow this page (${page.origin}).`
				: `Nothing answered at ${address}${transportReason(cause)}.`,
		hint:
			page === null
				? hint
				: `${hint} If it does run, it may not allow this page (${page.origin}). ${corsHelp(page.origin)}`,
		cause,
	});
}

/** The server answers, but not to this page. */
export function blockedByCors(target: Target, cause: unknown, origin: string): RemoteError {
	return remoteError(target, {
		code: 'endpoint-cors',
		message: `${target.baseUrl.host} is there but does not allow this page (${origin}) to read its answers.`,
		hint: `Allow the page’s origin on the server, then ask again. ${corsHelp(origin)}`,
		context: { origin },
		cause,
	});
}

export function mixedContent(target: Target, origin: string): RemoteError {
	return remoteError(target, {
		code: 'endpoint-mixed-content',
		message: `This page came by https, so the browser lets it ask no server by plain http, such as ${target.baseUrl.host}.`,
		hint: 'Give the server’s https address, run it on this machine (localhost is allowed), or open the page by http.',
		context: { origin },
	});
}

export function tooSlow(target: Target, timeoutMs: number): RemoteError {
	return remoteError(target, {
		code: 'endpoint-timeout',
		message: `${target.baseUrl.host} sent nothing for ${timeoutMs / 1000} s.`,
		hint: 'Ask again with fewer requests at a time, or allow it more time: large models need it for the first answer.',
		context: { timeoutMs },
	});
}

export function cutOff(target: Target, received: string, cause?: unknown): RemoteError {
	return remoteError(target, {
		code: 'endpoint-cut-off',
		message: `The answer of ${target.baseUrl.host} broke off after ${received.length} characters.`,
		hint: 'Ask again. If it happens often, a proxy or the server closes connections too early.',
		context: { received: received.length },
		cause,
	});
}

export function notJson(target: Target, body: string): RemoteError {
	if (looksLikeHtml(body)) {
		return remoteError(target, {
			code: 'endpoint-html',
			message: `${publicUrl(target.baseUrl)} answered with a web page instead of a chat reply.`,
			hint: 'Correct the base URL: most servers want it to end in /v1. A login page or a proxy can be in the way, too.',
		});
	}
	return remoteError(target, {
		code: 'endpoint-not-json',
		message: `${target.baseUrl.host} answered with something that is not JSON: “${withoutSecrets(body.slice(0, 80), target.apiKey)}”.`,
		hint: 'Check that the base URL belongs to an OpenAI-compatible server.',
	});
}

export function notAReply(target: Target, expected: string): RemoteError {
	return remoteError(target, {
		code: 'endpoint-reply-invalid',
		message: `The answer of ${target.baseUrl.host} is JSON but no chat reply: ${expected} is missing.`,
		hint: 'Check that the base URL belongs to an OpenAI-compatible server that offers chat completions.',
	});
}

/** What Node says of a failed connection; browsers say nothing. */
function transportReason(cause: unknown): string {
	for (let error = cause; error instanceof Error; error = error.cause) {
		const code = field(error, 'code');
		if (code === 'ECONNREFUSED') return ' (connection refused)';
		if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return ' (the name is not known)';
		if (code === 'ECONNRESET') return ' (the connection was closed)';
	}
	return '';
}
