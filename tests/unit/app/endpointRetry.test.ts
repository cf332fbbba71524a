/** The sentence on the page while a request to an endpoint waits for another attempt. */
import { expect, test } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { RemoteError } from '#core/errors.ts';
import type { ChatModel, ChatReply, ChatRequest } from '#core/ports.ts';
import { createFakes, SMALL } from '#tests/support/fakes.ts';

const NEVER = new AbortController().signal;
const BUSY = new RemoteError('The server is busy.', { code: 'endpoint-busy', context: { status: 503 } });
const WAIT = { error: BUSY, attempt: 3, attempts: 5, waitSeconds: 3.6 };
const SAID = 'The endpoint: HTTP 503. Trying again in 4 s, attempt 3 of 5.';
const ASKED: ChatRequest = {
	messages: [{ role: 'user', content: 'Hello.' }],
	sampling: { temperature: 0, topP: 1, maxTokens: 8, seed: 1 },
};

function opened(end: () => Promise<ChatReply>): { session: Session; model: ChatModel } {
	const { ports } = createFakes();
	ports.reviser = () => ({
		id: 'busy',
		complete: (request) => {
			request.onRetry?.(WAIT);
			return end();
		},
	});
	const session = new Session(ports);
	return { session, model: session.reviser.model(SMALL.reviser, session.reviser.tests) };
}

test('a wait is said until the server answers', async () => {
	let answer: (reply: ChatReply) => void = () => undefined;
	const { session, model } = opened(() => new Promise((resolve) => (answer = resolve)));
	const reply = model.complete(ASKED, NEVER);
	expect(session.reviser.retrying).toBe(SAID);
	answer({ text: 'ready', finishReason: 'stop', tokens: 1, tokenIds: null });
	await reply;
	expect(session.reviser.retrying).toBeNull();
});

test('a wait is over with the last failure', async () => {
	const { session, model } = opened(() => Promise.reject(BUSY));
	await expect(model.complete(ASKED, NEVER)).rejects.toBe(BUSY);
	expect(session.reviser.retrying).toBeNull();
});
