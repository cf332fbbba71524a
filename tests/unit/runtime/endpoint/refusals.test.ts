/** Errors in every form, and requests that are changed after one. */
import { describe, expect, it } from 'vitest';
import { openAiChatModel } from '#runtime/endpoint/openaiChat.ts';
import { ask, failureOf, never, request, start } from './asking.ts';
import { completion, json, type Handler } from './server.ts';

describe('the server’s words', () => {
	it.each<[string, unknown, string]>([
		['a string', 'no such thing', 'no such thing'],
		['error as a string', { error: 'no such thing' }, 'no such thing'],
		['a list of errors', { errors: [{ message: 'first' }, { message: 'second' }] }, 'first: second'],
		['detail as a string', { detail: 'no such thing' }, 'no such thing'],
		['detail as a list', { detail: [{ loc: ['body', 'n'], msg: 'too large' }] }, 'n: too large'],
		['nested errors', { error: { error: { message: 'deep' } } }, 'deep'],
		['JSON within JSON', { error: { message: '{"error":{"message":"inner"}}' } }, 'inner'],
		['a description', { error: 'invalid_grant', error_description: 'expired' }, 'expired: invalid_grant'],
		['an unknown field', { why: 'because' }, '{"why":"because"}'],
	])('%s', async (_name, value, words) => {
		const server = await start((response) => json(response, value, 418));
		expect((await failureOf(ask(server.baseUrl).reply)).message).toContain(`“${words}”`);
	});

	it.each<[string, number, unknown, string, number]>([
		['a code as a string', 200, { error: { message: 'm', code: '429' } }, 'endpoint-rate-limited', 3],
		[
			'a type',
			200,
			{ type: 'error', error: { type: 'overloaded_error', message: 'm' } },
			'endpoint-server-error',
			3,
		],
		[
			'AWS: throttling as a wrong request',
			400,
			{ __type: 'ThrottlingException' },
			'endpoint-rate-limited',
			3,
		],
		[
			'a type with its namespace',
			400,
			{ __type: 'com.amazon.coral.availability#ThrottlingException', message: 'Rate exceeded' },
			'endpoint-rate-limited',
			3,
		],
		['a code in words', 400, { error: { code: 'RequestLimitExceeded' } }, 'endpoint-rate-limited', 3],
		[
			'Google: a limit as a forbidden request',
			403,
			{ error: { errors: [{ reason: 'rateLimitExceeded' }], code: 403, message: 'm' } },
			'endpoint-rate-limited',
			3,
		],
		['words alone', 400, { message: 'Throttling settings are wrong' }, 'endpoint-request-refused', 1],
		['another limit', 400, { error: { code: 'context_length_exceeded' } }, 'endpoint-request-refused', 1],
		[
			'a type of a key',
			200,
			{ error: { type: 'authentication_error', message: 'm' } },
			'endpoint-key-refused',
			1,
		],
		[
			'a status of Google',
			200,
			{ error: { status: 'PERMISSION_DENIED', message: 'm' } },
			'endpoint-forbidden',
			1,
		],
		[
			'an error of vLLM',
			200,
			{ object: 'error', message: 'm', type: 'NotFoundError', code: 404 },
			'endpoint-not-found',
			1,
		],
		[
			'a choice with an error',
			200,
			{ choices: [{ error: { code: 403, message: 'm' } }] },
			'endpoint-forbidden',
			1,
		],
		['a code without an error', 200, { success: false, code: 403, reason: 'm' }, 'endpoint-forbidden', 1],
		['words without a code', 200, { status: 'fail', reason: 'm' }, 'endpoint-reply-invalid', 1],
		['no code', 200, { error: { message: 'm' } }, 'endpoint-server-error', 2],
		['a refusal within a 500', 500, { error: { code: 401, message: 'm' } }, 'endpoint-key-refused', 1],
		['a refusal within a 502', 502, { error: { message: 'm', code: 400 } }, 'endpoint-request-refused', 1],
		['408', 408, {}, 'endpoint-busy', 3],
		['409', 409, {}, 'endpoint-busy', 3],
		['425', 425, {}, 'endpoint-busy', 3],
		['402', 402, {}, 'endpoint-no-credit', 1],
		[
			'429 for an empty account',
			429,
			{ error: { code: 'insufficient_quota', message: 'm' } },
			'endpoint-no-credit',
			1,
		],
		['413', 413, {}, 'endpoint-request-refused', 1],
		['501', 501, {}, 'endpoint-not-found', 1],
	])('%s decides whether asking again can help', async (_name, status, value, code, times) => {
		const server = await start((response) => json(response, value, status));
		const error = await failureOf(ask(server.baseUrl, { maxRetries: 2 }).reply);
		expect(error.code).toBe(code);
		if (JSON.stringify(value).includes('"m"')) expect(error.message).toContain('“m');
		expect(server.asked).toHaveLength(times);
	});
});

describe('settings that a model refuses', () => {
	/** Refuses requests that have one of the fields, with the words for the first one that it finds. */
	const refusing =
		(fields: Readonly<Record<string, unknown>>, status = 400): Handler =>
		(response, asked) => {
			const found = Object.keys(fields).find((field) => field in asked.body);
			if (found === undefined) json(response, completion('ok'));
			else json(response, fields[found], status);
		};

	it.each<[string, Readonly<Record<string, unknown>>, number, object]>([
		['temperature', { temperature: { error: { message: 'temperature: only 1 works' } } }, 400, { seed: 11 }],
		[
			'two, one after the other',
			{ temperature: 'No temperature!', seed: 'No seed!' },
			400,
			{ max_tokens: 64 },
		],
		[
			'by its place',
			{ seed: { detail: [{ loc: ['body', 'seed'], msg: 'x', input: { temperature: 1 } }] } },
			422,
			{ temperature: 0.7 },
		],
		[
			'in camel case',
			{ max_tokens: { message: 'maxTokens is too high' }, max_completion_tokens: { m: 'maxOutputTokens!' } },
			400,
			{ seed: 11 },
		],
		['streaming', { stream: { error: 'stream must be false' } }, 400, { temperature: 0.7 }],
		[
			'in an error with status 200',
			{ seed: { error: { code: 400, message: 'seed?' } } },
			200,
			{ temperature: 0.7 },
		],
	])('%s: is left out, and remembered', async (_name, fields, status, left) => {
		const server = await start(refusing(fields, status));
		const model = openAiChatModel({ baseUrl: server.baseUrl, apiKey: '', model: 'teacher', maxRetries: 0 });
		const first = await model.complete(request, never, () => undefined);
		expect(first.text).toBe('ok');
		const before = server.asked.length;
		const second = await model.complete(request, never, () => undefined);
		expect(server.asked).toHaveLength(before + 1);
		expect(second.notes).toEqual(first.notes);
		expect(second.notes?.length).toBeGreaterThan(0);
		expect(server.asked.at(-1)?.body).toMatchObject(left);
	});

	it('top-p is sent if it is not 1, and goes before the temperature', async () => {
		const server = await start(refusing({ top_p: 'Either temperature or top_p.' }));
		const model = openAiChatModel({ baseUrl: server.baseUrl, apiKey: '', model: 'm' });
		await model.complete({ ...request, sampling: { ...request.sampling, topP: 0.9 } }, never);
		expect(server.asked[0]?.body).toMatchObject({ top_p: 0.9, temperature: 0.7 });
		expect(server.asked[1]?.body).toMatchObject({ temperature: 0.7 });
		expect(server.asked[1]?.body).not.toHaveProperty('top_p');
	});

	it('a setting that is named by chance is kept for later requests', async () => {
		const long = { error: { message: 'Too long: “What temperature do seeds need?”' } };
		const server = await start((response, _asked, count) =>
			count <= 2 ? json(response, long, 400) : json(response, completion('ok')),
		);
		const model = openAiChatModel({ baseUrl: server.baseUrl, apiKey: '', model: 'm', maxRetries: 0 });
		await expect(model.complete(request, never)).rejects.toMatchObject({ code: 'endpoint-request-refused' });
		const { notes } = await model.complete(request, never);
		expect(notes).toBeUndefined();
		expect(server.asked.at(-1)?.body).toMatchObject({ temperature: 0.7, seed: 11 });
	});
});
