/** Replies that differ from OpenAI’s form, and their endings. */
import { describe, expect, it } from 'vitest';
import { readEnding } from '#runtime/endpoint/finish.ts';
import { ask, failureOf, start } from './asking.ts';
import { body, choice, completion, delta, event, json, sse, streaming, type Handler } from './server.ts';

const OK = JSON.stringify(completion('ok'));

const utf16 =
	(type: string, text: string): Handler =>
	(response) =>
		void response.writeHead(200, { 'content-type': type }).end(Buffer.from(text, 'utf16le'));

it('reads other letters in the charset that the server names', async () => {
	const text = JSON.stringify(completion('größer, 5 €'));
	const server = await start((response) => {
		response.writeHead(200, { 'content-type': 'application/json; charset="windows-1252"' });
		const bytes = Array.from(text, (letter) => (letter === '€' ? 0x80 : letter.charCodeAt(0)));
		// In pieces that cut the start.
		response.write(Uint8Array.from(bytes.slice(0, 2)));
		response.end(Uint8Array.from(bytes.slice(2)));
	});
	expect(await ask(server.baseUrl).reply).toMatchObject({ text: 'größer, 5 €' });
});

describe('the form of a reply', () => {
	it.each<[string, Handler]>([
		['JSON under the type of events', body(OK, 'text/event-stream')],
		['JSON after spaces and a byte order mark', body(`\ufeff \n${OK}`)],
		['JSON in UTF-16', utf16('application/json; charset=utf-16le', OK)],
		['JSON in UTF-16 that no header names', utf16('application/json', OK)],
		['JSON in UTF-16 with a byte order mark', utf16('application/json; charset=utf-8', `\ufeff${OK}`)],
		['events in UTF-16', utf16('text/event-stream; charset=UTF-16', event(delta('ok', 'stop')))],
		['a charset that nobody knows', body(OK, 'application/json; charset=x-mine')],
		['JSON over several lines', body(JSON.stringify(completion('ok'), null, 2))],
		['JSON in a list of one', body(`[${OK}]`)],
		['JSON without a type', (response) => void response.writeHead(200).end(OK)],
		[
			'chunks of JSON in lines',
			body(`${JSON.stringify(delta('o'))}\n${JSON.stringify(delta('k', 'stop'))}\n`),
		],
		['events under the type of JSON', body(event(delta('o')) + event(delta('k', 'stop')))],
		['events without a space after the colon', sse('data:', JSON.stringify(delta('ok', 'stop')), '\n\n')],
		[
			'events with CRLF and comments',
			sse(': hello\r\n', event(delta('ok', 'stop')).replaceAll('\n', '\r\n')),
		],
		['events with CR', sse(event(delta('ok', 'stop')).replaceAll('\n', '\r'))],
		[
			'events without blank lines',
			sse(...[delta('o'), delta('k', 'stop'), '[DONE]'].map((e) => event(e).trimEnd() + '\n')),
		],
		[
			'an event over two data lines',
			sse(`data: ${JSON.stringify(delta('ok', 'stop')).replace(',', ',\ndata: ')}\n\n`),
		],
		['a last event without an end', sse(event(delta('ok', 'stop')).trimEnd())],
		[
			'notices between the events',
			sse('data: ping\n\n', event(delta('ok')), 'data: 1\n\nevent: ping\ndata: {}\n\n', event('[DONE]')),
		],
		[
			'an index as text',
			sse(event({ choices: [{ index: '0', delta: { content: 'ok' }, finish_reason: 'stop' }] })),
		],
		[
			'a finish reason without a choice',
			sse(event(delta('ok')), event({ choices: [], finish_reason: 'stop' })),
		],
		['a finish reason beside the choices', sse(event({ ...(delta('ok') as object), finish_reason: 'stop' }))],
		[
			'null as text in every chunk',
			sse(event(delta('o', 'null')), event(delta('k', 'None')), event('[DONE]')),
		],
		...[
			{ code: 0, message: 'ok' },
			{ code: '200' },
			{ message: 'Success.' },
			'none',
			{ code: 0, message: 'x' },
		].map((error): [string, Handler] => [
			`an error that says ${JSON.stringify(error)}`,
			body(JSON.stringify({ ...(completion('ok') as object), error })),
		]),
		[
			'an error of 0 in every chunk',
			sse(
				event({ ...(delta('o') as object), error: { code: 0 } }),
				event({ ...(delta('k', 'stop') as object), error: { code: 0, msg: 'ok' } }),
			),
		],
		['a mark of the end with spaces', sse(event(delta('ok')), 'data:  [DONE] \n\n')],
		[
			'an empty finish reason in every chunk',
			sse(event(delta('o', '')), event(delta('k', '')), event('[DONE]')),
		],
		[
			'the whole message after the pieces',
			sse(event(delta('o')), event(delta('k')), event(choice({ content: 'ok' }))),
		],
		[
			'chunks with a message in place of a delta',
			sse(event(choice({ content: 'o' }, null)), event(choice({ content: 'ok' }))),
		],
		[
			'a null choice, delta and content',
			sse(
				event({ choices: [null] }),
				event({ choices: [{ delta: null }] }),
				event({ choices: [{ delta: { content: null } }] }),
				event(delta('ok', 'stop')),
			),
		],
		[
			'a second choice',
			sse(event({ choices: [{ index: 1, delta: { content: 'no' } }] }), event(delta('ok', 'stop'))),
		],
		['an error that is null', body(JSON.stringify({ error: null, ...(completion('ok') as object) }))],
		[
			'an error that is empty',
			body(JSON.stringify({ error: {}, errors: [], ...(completion('ok') as object) })),
		],
		[
			'parts of text and of thinking',
			body(
				JSON.stringify(
					choice({
						content: [
							{ type: 'reasoning', text: 'x' },
							{ type: 'output_text', text: 'o' },
							'k',
							null,
							{ type: 'image' },
						],
					}),
				),
			),
		],
		['one part in place of a list', body(JSON.stringify(choice({ content: { type: 'text', text: 'ok' } })))],
		[
			'parts within an object',
			body(JSON.stringify(choice({ content: { parts: [{ text: 'x', thought: true }, { text: 'ok' }] } }))),
		],
		[
			'a text in place of a message',
			body(JSON.stringify({ choices: [{ text: 'ok', finish_reason: 'stop' }] })),
		],
		['a finish reason of another vendor', body(JSON.stringify(choice({ content: 'ok' }, 'end_turn')))],
		['a finish reason in capitals', body(JSON.stringify(choice({ content: 'ok' }, 'STOP')))],
		['no finish reason', body(JSON.stringify(choice({ content: 'ok' }, null)))],
	])('%s', async (_name, handler) => {
		const server = await start(handler);
		for (const how of [{}, streaming]) {
			await expect(ask(server.baseUrl, how).reply).resolves.toMatchObject({
				text: 'ok',
				finishReason: 'stop',
			});
		}
		expect(server.asked).toHaveLength(2);
	});

	it.each([
		['max_tokens', 'length'],
		['MAX_TOKENS', 'length'],
		['model_length', 'length'],
		['SAFETY', 'filtered'],
		['sensitive', 'filtered'],
		['RECITATION', 'filtered'],
		['insufficient_system_resource', 'other'],
		['tool_calls', 'other'],
		['error', 'other'],
	])('the ending %s is %s and keeps the server’s word', async (word, finishReason) => {
		const server = await start((response) => json(response, choice({ content: 'part' }, word)));
		await expect(ask(server.baseUrl).reply).resolves.toMatchObject({
			text: 'part',
			finishReason,
			ending: word,
		});
	});

	it.each([-1, 0.5, null, '7', Infinity, 1e300])('a token count of %s is missing', async (count) => {
		const text = JSON.stringify({ ...(completion('ok') as object), usage: { completion_tokens: 'N' } });
		const server = await start(
			body(text.replace('"N"', count === Infinity ? '1e999' : JSON.stringify(count))),
		);
		await expect(ask(server.baseUrl).reply).resolves.toMatchObject({ text: 'ok', tokens: 0 });
	});

	it('a reply without a finish reason that used all its tokens was cut off', async () => {
		const value = { choices: [{ message: { content: 'part' } }], usage: { completion_tokens: 64 } };
		const server = await start((response) => json(response, value));
		await expect(ask(server.baseUrl).reply).resolves.toMatchObject({ text: 'part', finishReason: 'length' });
	});

	it.each([
		{ stop_reason: 'max_tokens' },
		{ finishReason: 'MAX_TOKENS' },
		{ finish_details: { type: 'max_tokens' } },
	])('an ending under another name: %j', async (ending) => {
		const value = { choices: [{ message: 'part', ...ending }] };
		const server = await start((response) => json(response, value));
		await expect(ask(server.baseUrl).reply).resolves.toMatchObject({ text: 'part', finishReason: 'length' });
	});

	it('a filtered reply without text is a reply', async () => {
		const server = await start((response) => json(response, choice({ content: null }, 'content_filter')));
		await expect(ask(server.baseUrl).reply).resolves.toMatchObject({ text: '', finishReason: 'filtered' });
	});

	it('a refusal is the text', async () => {
		const server = await start((response) => json(response, choice({ content: '', refusal: 'I cannot.' })));
		await expect(ask(server.baseUrl).reply).resolves.toMatchObject({ text: 'I cannot.' });
	});

	it('a reply of reasoning alone is named', async () => {
		const server = await start(
			sse(event({ choices: [{ delta: { reasoning_content: 'Hm.' } }] }), event('[DONE]')),
		);
		const error = await failureOf(ask(server.baseUrl, streaming).reply);
		expect(error.code).toBe('endpoint-only-reasoning');
		expect(error.message).toContain('only reasoning');
	});

	it('a broken event means that a part was lost', async () => {
		const server = await start(
			sse(event(delta('o')), 'data: {"choices":[{"del\n\n', event(delta('k', 'stop'))),
		);
		expect((await failureOf(ask(server.baseUrl, streaming).reply)).code).toBe('endpoint-cut-off');
	});

	it('a stream of words that are not JSON is quoted', async () => {
		const server = await start(sse('data: Internal trouble\n\n'));
		const error = await failureOf(ask(server.baseUrl, streaming).reply);
		expect(error.message).toContain('Internal trouble');
	});

	it('a server that keeps the connection open after the finish reason delays a reply only a little', async () => {
		const server = await start((response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write(event(delta('ok', 'stop')));
		});
		const { reply } = ask(server.baseUrl, { ...streaming, timeoutMs: 1500 });
		await expect(reply).resolves.toMatchObject({ text: 'ok' });
	});
});

describe('the word for an ending', () => {
	it.each([
		...[
			'FINISH_REASON_STOP',
			'<|im_end|>',
			'</s>',
			'stop (eos)',
			'eos_token_id',
			'null',
			'None',
			'0',
			'STOP',
		],
		...['<|eot_id|>', '<end_of_turn>', '<|endoftext|>', '<｜end▁of▁sentence｜>', 'stopSequence', 'end-turn'],
	])('%j is a stop', (word) => {
		expect(readEnding(word)).toEqual({ finishReason: 'stop' });
	});

	it.each([
		['FINISH_REASON_MAX_TOKENS', 'length'],
		['stop (length)', 'length'],
		['FINISH_REASON_SAFETY', 'filtered'],
		['FINISH_REASON_UNSPECIFIED', 'other'],
		['error_stop', 'other'],
		['1', 'other'],
		['7', 'other'],
	])('%j is %s', (word, finishReason) => {
		expect(readEnding(word)).toEqual({ finishReason, ending: word });
	});

	it('a number that is not known is another ending', async () => {
		const server = await start((response) => json(response, choice({ content: 'ok' }, 7)));
		await expect(ask(server.baseUrl).reply).resolves.toMatchObject({ finishReason: 'other', ending: '7' });
	});

	it('an error with a status beside a reply remains an error', async () => {
		const answer = { ...(completion('ok') as object), error: { code: 502, message: 'ok' } };
		const server = await start((response) => json(response, answer));
		expect((await failureOf(ask(server.baseUrl).reply)).code).toBe('endpoint-server-error');
	});
});
