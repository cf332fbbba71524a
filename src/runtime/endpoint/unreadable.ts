/** Builds a RemoteError for answers with status 200 that hold no usable reply. */
import type { RemoteError } from '#core/errors.ts';
import { beginsAsMarkup } from '#core/format/foreignText.ts';
import { publicUrl, shown } from './address.ts';
import { remoteError, type Target } from './failure.ts';

/** @param limit largest number of bytes that is read */
export function longerThanAsked(target: Target, limit: number): RemoteError {
	return remoteError(target, {
		code: 'endpoint-too-long',
		message: `The answer of ${target.baseUrl.host} is longer than ${Math.round(limit / 1024)} KB, far more than was asked for. Reading stopped.`,
		hint: 'Check that the base URL belongs to a chat server and that the model keeps the limit of tokens per reply.',
		context: { limit },
	});
}

/** The model used all its tokens before it wrote an answer. */
export function onlyReasoning(target: Target, tokens: number | null): RemoteError {
	return remoteError(target, {
		code: 'endpoint-only-reasoning',
		message:
			tokens === null
				? `${target.model} wrote only reasoning and no answer.`
				: `${target.model} spent its ${tokens} tokens on reasoning: raise the limit.`,
		hint: 'Raise “longest reply” in the reviser’s settings, or choose a model that reasons less.',
		context: { tokens },
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
	if (beginsAsMarkup(body)) {
		return remoteError(target, {
			code: 'endpoint-html',
			message: `${publicUrl(target.baseUrl)} answered with a web page instead of a chat reply.`,
			hint: 'Correct the base URL: most servers want it to end in /v1. A login page or a proxy can be in the way, too.',
		});
	}
	const words = shown(target.redact(body));
	return remoteError(target, {
		code: 'endpoint-not-json',
		message:
			words === ''
				? `${target.baseUrl.host} answered with nothing.`
				: `${target.baseUrl.host} answered with something that is not JSON: “${words.slice(0, 80)}”.`,
		hint: 'Check that the base URL belongs to an OpenAI-compatible server.',
	});
}

/** @param said the server's words, if the answer has any */
export function notAReply(target: Target, expected: string, said = ''): RemoteError {
	const words = shown(target.redact(said));
	return remoteError(target, {
		code: 'endpoint-reply-invalid',
		message: `The answer of ${target.baseUrl.host} is JSON but no chat reply: ${expected} is missing.${words === '' ? '' : ` It says: “${words}”.`}`,
		hint: 'Check that the base URL belongs to an OpenAI-compatible server that offers chat completions.',
	});
}
