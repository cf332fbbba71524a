/** Replies and errors of servers that differ from OpenAI's in where they put them. */
import { expect, it } from 'vitest';
import { redactor } from '#core/text/redact.ts';
import { listModels } from '#runtime/endpoint/modelList.ts';
import { ask, failureOf, never, start } from './asking.ts';
import { body, delta, event, json, sse, type Handler } from './server.ts';

const said = (content: string): object => ({ model: 'm', message: { role: 'assistant', content } });

it.each<[string, Handler]>([
	['a message without choices', body(JSON.stringify({ ...said('ok'), done: true, done_reason: 'stop' }))],
	[
		'pieces of a message without choices',
		body(
			[said('o'), said('k'), { ...said(''), done: true, done_reason: 'stop' }]
				.map((line) => `${JSON.stringify(line)}\n`)
				.join(''),
		),
	],
])('reads %s', async (_name, handler) => {
	const server = await start(handler);
	expect(await ask(server.baseUrl).reply).toMatchObject({ text: 'ok', finishReason: 'stop' });
});

it('an error in a field of the vendor ends a stream as an error', async () => {
	const server = await start(
		sse(event(delta('o')), event({ choices: [], x_vendor: { error: 'over capacity' } }), event('[DONE]')),
	);
	expect((await failureOf(ask(server.baseUrl).reply)).message).toContain('“over capacity”');
});

it.each([
	['the title of a page', '<html><head><title>Just a moment...</title></head></html>', 'Just a moment...'],
	[
		'the texts of a message in XML',
		'<?xml version="1.0"?><Error><Code>Denied</Code><Message>Not from here</Message></Error>',
		'Denied: Not from here',
	],
])('shows %s as the server’s words', async (_name, page, words) => {
	const server = await start((response) => void response.writeHead(403).end(page));
	expect((await failureOf(ask(server.baseUrl).reply)).message).toContain(`“${words}”`);
});

it('lists each model once, and no model without a name', async () => {
	const data = [{ id: 'a' }, { id: 'a' }, { id: '' }, { id: null }, { id: 'b' }];
	const server = await start((response) => json(response, { data }));
	expect(await listModels(server.baseUrl, '', never)).toMatchObject([{ id: 'a' }, { id: 'b' }]);
});

it('strikes out the key as hexadecimal bytes', () => {
	const key = 'sk-Ab12/Cd34+Ef56';
	const hex = Buffer.from(key).toString('hex');
	expect(redactor(key)(`got ${hex} and ${hex.toUpperCase()}`)).toBe('got [key] and [key]');
});
