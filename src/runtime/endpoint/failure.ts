/**
 * Builds a RemoteError for requests that an endpoint refuses, with a hint for the repair. Missing answers are in
 * silence.ts, unreadable ones in unreadable.ts.
 */
import { type ErrorContext, type ErrorOptions, RemoteError } from '#core/errors.ts';
import type { KeyProblem } from '#core/recipe/endpointKey.ts';
import { adviceFor } from '#core/endpoint/presets.ts';
import { publicUrl, shown } from './address.ts';
import { pageOrigin } from './page.ts';
import type { Redact } from '#core/text/redact.ts';
import { readServerError } from './words.ts';

/** Facts about a request for its errors. */
export interface Target {
	baseUrl: URL;
	model: string;
	hasKey: boolean;
	/** Strikes the key out of the server's texts. */
	redact: Redact;
}

/** A server's refusal with its body, in which the settings that it names are searched. */
export class Refusal extends RemoteError {
	readonly status: number;
	readonly body: string;

	constructor(message: string, options: ErrorOptions, answer: { status: number; body: string }) {
		super(message, options);
		this.status = answer.status;
		this.body = answer.body;
	}
}

interface Failure {
	code: string;
	message: string;
	hint: string;
	context?: ErrorContext;
	cause?: unknown;
}

export function remoteError(target: Target, failure: Failure): RemoteError {
	return new RemoteError(failure.message, optionsOf(target, failure));
}

function optionsOf(target: Target, { code, hint, context, cause }: Failure): ErrorOptions {
	const { baseUrl, model } = target;
	const advice = adviceFor(baseUrl.href, code, { origin: pageOrigin() ?? 'the page’s origin', model });
	return {
		code,
		hint: advice === null ? hint : `${hint} ${advice}`,
		context: { url: publicUrl(baseUrl), model, ...context },
		...(cause === undefined ? {} : { cause }),
	};
}

type Explain = (target: Target, said: string) => Failure;

const notFound: Explain = (target, said) => ({
	code: 'endpoint-not-found',
	message: `${target.baseUrl.host} has no model ${target.model} at ${target.baseUrl.pathname} (${said}).`,
	hint: 'Check the model’s name against the list of models, and the base URL: most servers want it to end in /v1.',
});

const busy: Explain = (target, said) => ({
	code: 'endpoint-busy',
	message: `${target.baseUrl.host} asks to try again later (${said}).`,
	hint: 'Wait a little and resume with fewer requests at a time.',
});

const statusFailures: Readonly<Record<number, Explain>> = {
	401: (target, said) => ({
		code: 'endpoint-key-refused',
		message: target.hasKey
			? `${target.baseUrl.host} did not accept the key (${said}).`
			: `${target.baseUrl.host} asks for a key (${said}).`,
		hint: 'Enter a new key and resume, or choose another reviser for the rest.',
	}),
	402: (target, said) => ({
		code: 'endpoint-no-credit',
		message: `The account at ${target.baseUrl.host} has no credit for this request (${said}).`,
		hint: 'Add credit to the account and resume, or choose another model or reviser.',
	}),
	403: (target, said) => ({
		code: 'endpoint-forbidden',
		message: `${target.baseUrl.host} knows the key but does not let it use ${target.model} (${said}).`,
		hint: 'Choose a model that this key may use, or allow it in the account of the server.',
	}),
	404: notFound,
	405: notFound,
	408: busy,
	409: busy,
	410: notFound,
	425: busy,
	429: (target, said) => ({
		code: 'endpoint-rate-limited',
		message: `${target.baseUrl.host} refuses more requests for now (${said}).`,
		hint: 'Wait a little and resume with fewer requests at a time, or check whether the account has credit left.',
	}),
	// Not a passing state of the server: it does not offer this at all.
	501: notFound,
};

/**
 * @param body       the answer's body as text; may be empty or a page
 * @param retryAfter seconds that the server asked to wait, or null
 */
export function fromStatus(target: Target, status: number, body: string, retryAfter: number | null): Refusal {
	const error = readServerError(body);
	// Gateways report a provider's refusal as their own error: asking again cannot help.
	const reported = status >= 500 && error.numeric ? (error.status ?? status) : status;
	// AWS reports its throttling as a wrong request, and Google as a forbidden one.
	const effective = [400, 403].includes(reported) && error.throttled ? 429 : reported;
	const words = shown(target.redact(error.words));
	const said = words === '' ? `${effective}` : `${effective}: “${words}”`;
	// An account without credit is no passing state, although OpenAI reports it as a rate limit.
	const kind = effective === 429 && error.status === 402 ? 402 : effective;
	const explain = statusFailures[kind] ?? (effective >= 500 ? serverFailure : requestFailure);
	const failure = explain(target, said);
	const context = { status: effective, retryAfterSeconds: retryAfter };
	return new Refusal(failure.message, optionsOf(target, { ...failure, context }), {
		status: effective,
		body,
	});
}

/** An error in the body of an answer with status 200, or in a stream. */
export function fromErrorBody(target: Target, body: string): Refusal {
	const { status, words } = readServerError(body);
	if (status !== null) return fromStatus(target, status, body, null);
	const said = shown(target.redact(words));
	const failure: Failure = {
		code: 'endpoint-server-error',
		message: `${target.baseUrl.host} answered with an error instead of a reply${said === '' ? '' : `: “${said}”`}.`,
		hint: 'Check the base URL and the model’s name: most servers want the base URL to end in /v1. Then ask again.',
		// The server does not say whether asking again can help.
		context: { retriesAtMost: 1 },
	};
	return new Refusal(failure.message, optionsOf(target, failure), { status: 200, body });
}

function serverFailure(target: Target, said: string): Failure {
	return {
		code: 'endpoint-server-error',
		message: `${target.baseUrl.host} reported an internal error (${said}).`,
		hint: 'Ask again later; if the error persists, see the server’s log.',
	};
}

function requestFailure(target: Target, said: string): Failure {
	return {
		code: 'endpoint-request-refused',
		message: `${target.baseUrl.host} refused the request (${said}).`,
		hint: 'Correct the setting that it names, or choose another model: not every model supports every setting.',
	};
}

export function keyNotSendable(target: Target, { position, character }: KeyProblem): RemoteError {
	return remoteError(target, {
		code: 'endpoint-key-character',
		message: `The key cannot be sent: character ${position} is ${character}, which no HTTP header can carry.`,
		hint: 'Copy the key again as plain text, or delete this character, then ask again.',
		context: { position },
	});
}

/** @param location the address that the server named; null if the browser hides it */
export function redirected(target: Target, location: string | null): RemoteError {
	const to =
		location !== null && URL.canParse(location, target.baseUrl) ? new URL(location, target.baseUrl) : null;
	const foreign = to !== null && to.origin !== target.baseUrl.origin;
	const shownTo = to === null ? 'another address' : shown(target.redact(publicUrl(to)));
	const reason =
		foreign || to === null ? 'The key is for this server only, so the request was not sent on.' : '';
	return remoteError(target, {
		code: 'endpoint-redirect',
		message: `${publicUrl(target.baseUrl)} redirects to ${shownTo}. ${reason}`.trim(),
		hint: 'If you trust that address, enter it as the base URL. Often it differs only by https or by a slash.',
	});
}
