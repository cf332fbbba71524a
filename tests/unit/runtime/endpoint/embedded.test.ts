import { describe, expect, it } from 'vitest';
import { parseReply } from '#core/revision/replyParser.ts';
import { revisionRequest } from '#core/revision/request.ts';
import { scoreAnswer } from '#core/world/tiny/score.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { EMBEDDED_MODEL, handleChatCompletions } from '#runtime/endpoint/embedded.ts';
import { embeddedModel, inPageFetch } from '#runtime/endpoint/inPage.ts';

const never = new AbortController().signal;
const reviser = embeddedModel({ baseUrl: 'http://page.test/v1', where: 'page', fetch: inPageFetch });
const sampling = { temperature: 0.7, topP: 1, maxTokens: 512, seed: 3 };
const prompts = worldPrompts({ count: 40, seed: 5, split: 'train' });

interface ErrorBody {
	error: { message: string; code: string; param: string | null };
}

function post(body: unknown, path = '/v1/chat/completions'): Promise<Response> {
	return handleChatCompletions(
		new Request(`http://x${path}`, {
			method: 'POST',
			body: typeof body === 'string' ? body : JSON.stringify(body),
		}),
	);
}

const ask = (prompt: string, output: string, seed = 3, onText?: (text: string) => void): Promise<string> =>
	reviser
		.complete({ messages: revisionRequest(prompt, output), sampling: { ...sampling, seed } }, never, onText)
		.then((reply) => reply.text);

describe('the embedded reviser, through the openai client', () => {
	it('reports no sent request when it works within the page, and each one to a server', async () => {
		const [prompt] = prompts;
		const reported = async (where: 'page' | 'server'): Promise<number> => {
			const own = embeddedModel({ baseUrl: 'https://page.example/v1', where, fetch: inPageFetch });
			let sent = 0;
			const messages = revisionRequest(prompt?.text ?? '', 'no idea');
			const reply = await own.complete({ messages, sampling, onSent: () => sent++ }, never);
			expect(reply.text).toContain('{corrected_student_solution}:');
			return sent;
		};
		expect(await reported('page')).toBe(0);
		expect(await reported('server')).toBe(1);
	});

	it('revises a bad answer of each family so that it passes every check', async () => {
		for (const prompt of prompts) {
			const parsed = parseReply(await ask(prompt.text, 'no idea'), 'no idea');
			expect(parsed, prompt.text).toMatchObject({ ok: true, rule: 'brace-marker-colon' });
			if (!parsed.ok) continue;
			expect(scoreAnswer(prompt.text, parsed.revised)?.score, prompt.text).toBe(1);
			expect(parsed.reasoning).not.toBe('');
		}
	});

	it('finds nothing to change in its own correction', async () => {
		const [prompt] = prompts;
		const parsed = parseReply(await ask(prompt?.text ?? '', 'no idea'), 'no idea');
		const revised = parsed.ok ? parsed.revised : '';
		expect(parseReply(await ask(prompt?.text ?? '', revised), revised)).toMatchObject({
			ok: false,
			reason: 'identical',
		});
	});

	it('gives the same reply for the same seed, and other words for another seed', async () => {
		const text = prompts[0]?.text ?? '';
		expect(await ask(text, 'no idea', 1)).toBe(await ask(text, 'no idea', 1));
		const replies = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => ask(text, 'no idea', seed)));
		const revised = new Set(replies.map((reply) => JSON.stringify(parseReply(reply, 'no idea').ok)));
		expect(revised).toEqual(new Set(['true']));
	});

	it('streams the same text', async () => {
		const text = prompts[1]?.text ?? '';
		const seen: string[] = [];
		const streamed = await ask(text, 'no idea', 3, (soFar) => seen.push(soFar));
		expect(streamed).toBe(await ask(text, 'no idea', 3));
		expect(seen.length).toBeGreaterThan(5);
		expect(seen.at(-1)).toBe(streamed);
	});

	it('declines a prompt that is not of its world, so that the row is set aside as a refusal', async () => {
		const reply = await ask('Write a sonnet about WebGPU.', 'Shall I compare thee to a shader?');
		expect(parseReply(reply, 'x')).toMatchObject({ ok: false, reason: 'refusal' });
		expect(reply).toContain('only know the tasks of the built-in worlds');
	});

	it('declines to chat', async () => {
		const reply = await reviser.complete(
			{ messages: [{ role: 'user', content: 'Hello!' }], sampling },
			never,
		);
		expect(reply.text).toMatch(/^I cannot chat/);
	});

	it('counts words as tokens and keeps the requested limit', async () => {
		const request = { messages: revisionRequest(prompts[0]?.text ?? '', 'no idea'), sampling };
		const whole = await reviser.complete(request, never);
		expect(whole.finishReason).toBe('stop');
		expect(whole.tokens).toBe(whole.text.split(/\s+/).length);
		const cut = await reviser.complete({ ...request, sampling: { ...sampling, maxTokens: 4 } }, never);
		expect(cut).toMatchObject({ finishReason: 'length', tokens: 4 });
		expect(whole.text.startsWith(cut.text)).toBe(true);
	});
});

describe('the endpoint’s protocol', () => {
	const message = { role: 'user', content: 'Hi' };

	it('lists its models', async () => {
		const response = await handleChatCompletions(new Request('http://x/v1/models'));
		await expect(response.json()).resolves.toMatchObject({
			object: 'list',
			data: expect.arrayContaining([expect.objectContaining({ id: EMBEDDED_MODEL })]) as unknown,
		});
	});

	it.each([
		['not JSON', 'nonsense', 400, 'invalid_json', null],
		['no messages', { model: EMBEDDED_MODEL }, 400, 'invalid_request', 'messages'],
		['empty messages', { model: EMBEDDED_MODEL, messages: [] }, 400, 'invalid_request', 'messages'],
		[
			'an unknown role',
			{ model: EMBEDDED_MODEL, messages: [{ role: 'cat', content: '' }] },
			400,
			'invalid_request',
			'messages.0.role',
		],
		[
			'a broken seed',
			{ model: EMBEDDED_MODEL, messages: [message], seed: 1.5 },
			400,
			'invalid_request',
			'seed',
		],
		['another model', { model: 'gpt-4', messages: [message] }, 404, 'model_not_found', 'model'],
	])('refuses %s', async (_name, body, status, code, param) => {
		const response = await post(body);
		expect(response.status).toBe(status);
		const { error } = (await response.json()) as ErrorBody;
		expect(error).toMatchObject({ code, param });
		expect(error.message).not.toBe('');
	});

	it('answers HEAD for its models without a body', async () => {
		const response = await handleChatCompletions(new Request('http://x/v1/models', { method: 'HEAD' }));
		expect(response.status).toBe(200);
		expect(response.headers.get('content-type')).toContain('application/json');
		expect(await response.text()).toBe('');
	});

	it('refuses other paths and methods', async () => {
		expect((await post({}, '/v1/embeddings')).status).toBe(404);
		expect((await post({}, '/v1/models')).status).toBe(405);
		expect((await handleChatCompletions(new Request('http://x/v1/chat/completions'))).status).toBe(405);
	});

	it('accepts content in parts, and null for optional fields', async () => {
		const response = await post({
			model: EMBEDDED_MODEL,
			messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
			seed: null,
			max_tokens: null,
			stream: null,
		});
		expect(response.status).toBe(200);
	});

	it('reports usage at the end of a stream if requested', async () => {
		const response = await post({
			model: EMBEDDED_MODEL,
			messages: [message],
			stream: true,
			stream_options: { include_usage: true },
		});
		expect(response.headers.get('content-type')).toContain('text/event-stream');
		const lines = (await response.text()).trim().split('\n\n');
		expect(lines.at(-1)).toBe('data: [DONE]');
		expect(lines.at(-2)).toContain('"total_tokens"');
	});
});
