/**
 * Builds a RemoteError for each way in which a request to an endpoint fails, with a hint for the repair. Read
 * `fromStatus` for answers with an error status; the other functions are for missing or unreadable answers.
 */
import { RemoteError, type ErrorContext } from '#core/errors.ts';
import { publicUrl, withoutSecrets } from './address.ts';

/** Facts about a request for its errors. The key is here only to be removed from the server's messages. */
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

/** How to allow a web page on the servers that people run themselves. */
export function corsHelp(origin: string): string {
	return (
		'llama.cpp (llama-server) allows every page by default; ' +
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
		hint: 'Enter a new key and resume, or choose another reviser for the rest.',
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
		message: `${target.baseUrl.host} refuses more requests for now (429${said}).`,
		hint: 'Wait a little and resume with fewer requests at a time, or check whether the account has credit left.',
	}),
};

/**
 * @param body       the answer's body as text; may be empty or a page
 * @param retryAfter seconds that the server asked to wait, or null
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
		message: `${target.baseUrl.host} reported an internal error (${status}${said}).`,
		hint: 'Ask again later; if the error persists, see the server’s log.',
	};
}

function requestFailure(target: Target, status: number, said: string): Failure {
	return {
		code: 'endpoint-request-refused',
		message: `${target.baseUrl.host} refused the request (${status}${said}).`,
		hint: 'Correct the setting that it names, or choose another model: not every model supports every setting.',
	};
}

/** The message in OpenAI's error form, or the text itself if it is short and not a page. */
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
		// Not JSON: use the plain text.
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
				: `${hint} If it does run, it may not allow this page (${page.origin}). ${corsHelp(page.origin)}`,
		cause,
	});
}

/** The server answers, but forbids this page to read the answer. */
export function blockedByCors(target: Target, cause: unknown, origin: string): RemoteError {
	return remoteError(target, {
		code: 'endpoint-cors',
		message: `${target.baseUrl.host} is running but does not allow this page (${origin}) to read its answers.`,
		hint: `Allow the page’s origin on the server, then ask again. ${corsHelp(origin)}`,
		context: { origin },
		cause,
	});
}

export function mixedContent(target: Target, origin: string): RemoteError {
	return remoteError(target, {
		code: 'endpoint-mixed-content',
		message: `This page was loaded by https, so the browser blocks its requests to plain http servers, such as ${target.baseUrl.host}.`,
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
