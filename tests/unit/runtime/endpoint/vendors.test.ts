/** The servers of the presets: the test of an endpoint against each, and the requests that it lists. */
import { describe, expect, it } from 'vitest';
import { Engines } from '#app/engines/engines.svelte.ts';
import { ReviserConnection } from '#app/engines/reviserConnection.svelte.ts';
import { SecondModel } from '#app/engines/secondModel.svelte.ts';
import { testLines } from '#app/text/endpointTest.ts';
import { tokensOf } from '#core/endpoint/tokens.ts';
import { trafficByServer } from '#core/endpoint/traffic.ts';
import type { SentRequest } from '#core/endpoint/sentRequest.ts';
import { listModels } from '#runtime/endpoint/modelList.ts';
import { openAiChatModel } from '#runtime/endpoint/openaiChat.ts';
import { createFakes, SMALL } from '#tests/support/fakes.ts';
import { KEY, never, request, start } from './asking.ts';
import { completion, json, streaming, type Handler } from './server.ts';
import * as vendors from './vendors.ts';

/** The test of an endpoint, through the adapters of the page. */
async function tested(handler: Handler, settings: { model?: string; key?: string; path?: string } = {}) {
	const server = await start(handler);
	const { model = 'teacher', key = '', path = '/v1' } = settings;
	const endpoint = `${new URL(server.baseUrl).origin}${path}`;
	const { ports } = createFakes();
	const connection = new ReviserConnection(
		{
			...ports,
			reviser: (reviser, apiKey) =>
				openAiChatModel({
					baseUrl: reviser.endpoint,
					apiKey: apiKey ?? '',
					model: reviser.model,
					maxRetries: 0,
				}),
			offeredModels: (address, apiKey, signal, onSent) =>
				listModels(address, apiKey ?? '', signal, { onSent }),
		},
		new SecondModel(ports, new Engines(ports)),
	);
	connection.setKey(endpoint, key);
	const reviser = { ...SMALL.reviser, endpoint, model };
	await connection.tryOut(reviser);
	const { trial } = connection;
	const lines = trial === null ? [] : testLines(trial).map(({ text }) => text);
	return { connection, server, reviser, trial, lines };
}

const ANSWERED = ['It offers 1 model, teacher among them.', 'It answered: “ready”'];
const COUNTED = 'It counts tokens: 21 for this prompt, 3 for the reply.';
const ESTIMATED = 'It does not count tokens, so the page estimates them.';

describe('the test of an endpoint', () => {
	it.each([
		['Ollama', vendors.ollama, COUNTED, ''],
		['LM Studio', vendors.lmStudio, COUNTED, ''],
		['llama.cpp', vendors.llamaCpp, ESTIMATED, 'local-key'],
		['vLLM', vendors.vllm, COUNTED, ''],
	])('%s: models, answer and count of tokens', async (_name, handler, count, key) => {
		const { trial, lines } = await tested(handler, { key });
		expect(trial?.state).toBe('answered');
		expect(lines).toEqual([...ANSWERED, count]);
	});

	it('OpenRouter’s list gives the prices of tokens', async () => {
		const { connection, reviser, lines } = await tested(vendors.openRouter, { key: 'or-key' });
		expect(lines[0]).toBe('It offers 3 models, teacher among them.');
		const price = connection.prices.priceOf(reviser);
		expect(price?.source).toBe('listed');
		expect(price?.prompt).toBeCloseTo(0.4, 9);
		expect(price?.completion).toBeCloseTo(1.6, 9);
		expect(connection.prices.priceOf({ ...reviser, model: 'auto' })).toBeNull();
		expect(connection.prices.priceOf({ ...reviser, model: 'gift:free' })).toMatchObject({ prompt: 0 });
		connection.prices.type(reviser, { prompt: 1, completion: 2 });
		expect(connection.prices.priceOf(reviser)).toEqual({ prompt: 1, completion: 2, source: 'typed' });
		connection.prices.type(reviser, null);
		expect(connection.prices.priceOf(reviser)?.source).toBe('listed');
	});

	it.each([
		['Ollama', vendors.ollama, 'endpoint-not-found', 'try pulling it first'],
		['LM Studio', vendors.lmStudio, 'endpoint-not-found', 'Model not found'],
		['vLLM', vendors.vllm, 'endpoint-not-found', 'does not exist'],
	])('%s: a model that it does not have', async (_name, handler, code, words) => {
		const { trial, lines } = await tested(handler, { model: 'teach' });
		expect(trial?.error).toMatchObject({ code });
		expect(trial?.error?.message).toContain(words);
		expect(lines).toEqual(['It offers 1 model, but none of the name teach; there is teacher.']);
	});

	it.each([
		['llama.cpp', vendors.llamaCpp, 'Invalid API Key'],
		['OpenRouter', vendors.openRouter, 'No auth credentials found'],
	])('%s: a refused key, in its own words', async (_name, handler, words) => {
		const { trial } = await tested(handler, { key: 'wrong' });
		expect(trial).toMatchObject({ state: 'failed', models: null, error: { code: 'endpoint-key-refused' } });
		expect(trial?.error?.message).toContain(words);
	});

	it.each([
		['Ollama', vendors.ollama],
		['LM Studio', vendors.lmStudio],
	])('%s: a base URL without /v1 gives models and answer', async (_name, handler) => {
		const { lines } = await tested(handler, { path: '' });
		expect(lines.slice(0, 2)).toEqual(ANSWERED);
	});

	it('without a model it lists the models and asks nothing else', async () => {
		const { trial, lines, server } = await tested(vendors.vllm, { model: '' });
		expect(trial?.state).toBe('listed');
		expect(lines).toEqual(['It offers 1 model: choose one in the field “Model”.']);
		expect(server.asked.map(({ path }) => path)).toEqual(['/v1/models']);
	});

	it('a server without a list of models is tested by its answer', async () => {
		const { trial, lines } = await tested((response, { path }) =>
			json(
				response,
				path.endsWith('/models') ? { error: 'no' } : completion('ready'),
				path.endsWith('/models') ? 404 : 200,
			),
		);
		expect(trial?.state).toBe('answered');
		expect(lines.at(-1)).toBe('It has no list of models, so their names are not checked.');
	});
});

describe('requests that left', () => {
	const collect = () => {
		const sent: SentRequest[] = [];
		return { sent, onSent: (one: SentRequest) => void sent.push(one) };
	};

	it('are listed with bytes, tokens and text, retries and refused settings included', async () => {
		const server = await start((response, { body }, count) => {
			if (count === 1) json(response, { error: 'busy' }, 503);
			else if ('stream_options' in body)
				json(response, { error: { message: 'Unknown field stream_options.' } }, 400);
			else json(response, completion('ok'));
		});
		const { sent, onSent } = collect();
		const model = openAiChatModel({
			baseUrl: server.baseUrl,
			apiKey: KEY,
			model: 'teacher',
			wait: () => Promise.resolve(),
		});
		const { notes } = await model.complete({ ...request, onSent }, never, streaming.onText);
		expect(notes).toEqual([
			'The model teacher does not accept a count of tokens in streamed replies, so requests go without it.',
		]);
		expect(sent.map(({ status }) => status)).toEqual([503, 400, 200]);
		expect(sent[2]?.usage).toEqual({ promptTokens: 3, completionTokens: 5 });
		const last = sent[2]?.text ?? '';
		expect(JSON.parse(last)).toEqual(server.asked[2]?.body);
		expect(sent[2]?.sentBytes).toBe(Buffer.byteLength(last));
		expect(sent[2]?.receivedBytes).toBe(JSON.stringify(completion('ok')).length);
		const [sum] = trafficByServer(sent);
		expect(sum).toMatchObject({ requests: 3, failed: 2, promptTokens: 3, completionTokens: 5, estimated: 0 });
		expect(sum).toMatchObject({ reach: 'machine', origin: new URL(server.baseUrl).origin });
	});

	it('without a count of tokens are estimated from the texts', async () => {
		const server = await start(vendors.lmStudio);
		const { sent, onSent } = collect();
		const model = openAiChatModel({ baseUrl: server.baseUrl, apiKey: '', model: 'teacher' });
		await model.complete({ ...request, onSent }, never);
		const [counted] = sent;
		if (counted === undefined) throw new Error('Nothing was listed.');
		// “Improve: I goes home.” has 21 bytes, “ready” has 5.
		expect(tokensOf({ ...counted, usage: null })).toEqual({
			promptTokens: 6,
			completionTokens: 2,
			exact: false,
		});
		expect(tokensOf(counted)).toEqual({ promptTokens: 3, completionTokens: 5, exact: true });
	});

	it('are listed when the reader stops, and not if a key cannot be sent', async () => {
		const server = await start(() => undefined);
		const stop = new AbortController();
		const { sent, onSent } = collect();
		const model = openAiChatModel({ baseUrl: server.baseUrl, apiKey: '', model: 'teacher' });
		const reply = model.complete({ ...request, onSent }, stop.signal);
		await expect.poll(() => server.asked.length).toBe(1);
		stop.abort();
		await expect(reply).rejects.toThrow();
		expect(sent).toMatchObject([{ status: null, usage: null }]);
		const unsendable = openAiChatModel({ baseUrl: server.baseUrl, apiKey: 'k\u200by', model: 'teacher' });
		await expect(unsendable.complete({ ...request, onSent }, never)).rejects.toThrow();
		expect(sent).toHaveLength(1);
	});

	it('never hold the key, also if the text repeats it', async () => {
		const server = await start((response) => json(response, completion('ok')));
		const { sent, onSent } = collect();
		const messages = [{ role: 'user', content: `My key is ${KEY}.` }] as const;
		const model = openAiChatModel({ baseUrl: server.baseUrl, apiKey: KEY, model: 'teacher' });
		await model.complete({ ...request, messages, onSent }, never);
		expect(server.asked[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
		expect(JSON.stringify(sent)).not.toContain(KEY);
		expect(sent[0]?.text).toContain('My key is [key].');
	});
});
