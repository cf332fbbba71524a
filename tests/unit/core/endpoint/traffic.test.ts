/** Tokens, money, the stored list, and the forecast, on small numbers. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { forecastRequests } from '#core/endpoint/forecast.ts';
import {
	packRequests,
	type SentRequest,
	sentRequestsSchema,
	type TokenPrice,
	unpackRequests,
} from '#core/endpoint/sentRequest.ts';
import { costOf, tokensOf } from '#core/endpoint/tokens.ts';
import { costAt, trafficByServer } from '#core/endpoint/traffic.ts';

const REQUEST: SentRequest = {
	at: '2026-11-22T10:00:00.000Z',
	origin: 'https://api.example.org',
	path: '/v1/chat/completions',
	model: 'teacher',
	status: 200,
	sentBytes: 60,
	receivedBytes: 100,
	replyBytes: 40,
	usage: { promptTokens: 12, completionTokens: 9 },
	text: JSON.stringify({ model: 'teacher', messages: [{ role: 'user', content: 'Twelve bytes' }] }),
};

describe('tokens', () => {
	it.each<[string, Partial<SentRequest>, number, number, boolean]>([
		['by the server’s count', {}, 12, 9, true],
		['estimated by bytes', { usage: null }, 3, 10, false],
		['half counted', { usage: { promptTokens: null, completionTokens: 9 } }, 3, 9, false],
		['of a text that is not kept, by the body', { usage: null, text: null }, 15, 10, false],
		['of a body in another form', { usage: null, text: 'xxxx' }, 1, 10, false],
		['of a refused request: none', { usage: null, status: 429 }, 0, 0, true],
		['of a request without an answer: none', { usage: null, status: null }, 0, 0, true],
		['of a list of models: none', { usage: null, model: '', text: '' }, 0, 0, true],
	])('%s', (_name, change, promptTokens, completionTokens, exact) => {
		expect(tokensOf({ ...REQUEST, ...change })).toEqual({ promptTokens, completionTokens, exact });
	});

	it('cost their price per million', () => {
		const tokens = { promptTokens: 500_000, completionTokens: 250_000 };
		expect(costOf(tokens, { prompt: 0.4, completion: 1.6 })).toBeCloseTo(0.6, 9);
	});
});

it('sums by server, with the first and the last time', () => {
	const later = '2026-11-22T10:05:00.000Z';
	const sums = trafficByServer([
		{ ...REQUEST, at: later },
		REQUEST,
		{ ...REQUEST, status: null, usage: null },
		{ ...REQUEST, origin: 'http://192.168.1.7:11434', usage: null },
	]);
	expect(sums).toEqual([
		{
			origin: 'https://api.example.org',
			host: 'api.example.org',
			reach: 'internet',
			requests: 3,
			failed: 1,
			promptTokens: 24,
			completionTokens: 18,
			estimated: 0,
			sentBytes: 180,
			receivedBytes: 300,
			first: REQUEST.at,
			last: later,
		},
		expect.objectContaining({ host: '192.168.1.7:11434', reach: 'network', estimated: 1 }),
	]);
});

it('is stored with each text once, and read back the same', () => {
	const requests = [REQUEST, { ...REQUEST, status: 503 }, { ...REQUEST, text: '' }];
	const stored = packRequests(requests, { prompt: 1, completion: 2 });
	expect(stored.texts).toHaveLength(2);
	const read = v.parse(sentRequestsSchema, JSON.parse(JSON.stringify(stored)));
	expect(unpackRequests(read)).toEqual(requests);
	expect(read.price).toEqual({ prompt: 1, completion: 2 });
});

it('lists requests beyond the limit of texts without them', () => {
	const long = { ...REQUEST, text: 'x'.repeat(80) };
	const stored = packRequests([REQUEST, long, REQUEST], null, 100);
	expect(unpackRequests(stored).map(({ text }) => text === null)).toEqual([false, true, false]);
});

it('forecasts from the texts of prompts, and from earlier answers and replies if there are any', () => {
	const facts = {
		requests: 10,
		frameBytes: 60,
		quoted: 2,
		answers: [],
		maxAnswerTokens: 32,
		maxReplyTokens: 1024,
		replyTokens: null,
	};
	expect(forecastRequests(facts)).toEqual({
		requests: 10,
		promptTokens: 10 * (15 + 2 * 32),
		completionTokens: 10_240,
		promptsKnown: false,
		repliesKnown: false,
	});
	expect(forecastRequests({ ...facts, answers: ['x'.repeat(20)], replyTokens: 80.5 })).toMatchObject({
		promptTokens: 10 * (15 + 2 * 5),
		completionTokens: 805,
		promptsKnown: true,
		repliesKnown: true,
	});
	expect(forecastRequests({ ...facts, quoted: 0 })).toMatchObject({ promptTokens: 150, promptsKnown: true });
});

it('costs each request at the price of its model, and nothing is said if one is unknown', () => {
	const usage = { promptTokens: 1_000_000, completionTokens: 500_000 };
	const of = (model: string): SentRequest => ({ ...REQUEST, model, usage });
	const requests = [of('a'), of('b'), { ...of('c'), origin: 'http://elsewhere' }];
	const prices: Readonly<Record<string, TokenPrice>> = {
		a: { prompt: 1, completion: 2 },
		b: { prompt: 3, completion: 0 },
	};
	const priceOf = ({ model }: SentRequest): TokenPrice | null => prices[model] ?? null;
	expect(costAt(requests, REQUEST.origin, priceOf)).toBeCloseTo(5, 12);
	expect(costAt([...requests, of('c')], REQUEST.origin, priceOf)).toBeNull();
});
