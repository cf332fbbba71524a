/** Servers that send too much, too slowly, or to another address. */
import { describe, expect, it, vi } from 'vitest';
import { tooSlow } from '#runtime/endpoint/silence.ts';
import { startWatch } from '#runtime/endpoint/watch.ts';
import { ask, failureOf, start } from './asking.ts';
import { body, completion, delta, event, json, streaming } from './server.ts';

describe('the size and the time of a reply', () => {
	const MEGABYTE = 'x'.repeat(2 ** 20);

	it.each([true, false])(
		'reading stops far beyond the tokens that were asked (events: %s)',
		async (events) => {
			let sent = 0;
			const server = await start((response) => {
				response.writeHead(200, { 'content-type': events ? 'text/event-stream' : 'application/json' });
				const write = (): void => {
					if (sent >= 64 || response.destroyed) return;
					sent++;
					response.write(events ? event(delta(MEGABYTE)) : `"${MEGABYTE}"`, write);
				};
				if (!events) response.write('{"choices":');
				write();
			});
			const { reply, waits } = ask(server.baseUrl, { ...streaming, maxRetries: 3 });
			const error = await failureOf(reply);
			expect(error.code).toBe('endpoint-too-long');
			expect(waits).toEqual([]);
			expect(sent).toBeLessThan(32);
		},
	);

	it('a server that sends comments forever is given up', async () => {
		const server = await start((response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			const timer = setInterval(() => response.write(': working\n\n'), 10);
			response.on('close', () => clearInterval(timer));
		});
		const error = await failureOf(ask(server.baseUrl, { ...streaming, timeoutMs: 200 }).reply);
		expect(error.code).toBe('endpoint-timeout');
	});

	it('data that keeps coming does not put off the end of the whole request', () => {
		vi.useFakeTimers();
		const watch = startWatch(200, new AbortController().signal);
		for (let waited = 0; waited < 3000; waited += 100) {
			expect(watch.timedOut()).toBeNull();
			vi.advanceTimersByTime(100);
			watch.touch();
		}
		expect(watch.timedOut()).toBe('total');
		vi.useRealTimers();
		const target = { baseUrl: new URL('http://x.org/v1'), model: 'm', hasKey: false, redact: String };
		expect(tooSlow(target, 3000, true).message).toBe('x.org did not finish its reply within 3 s.');
	});

	it('comments after a finished reply do not hold it back', async () => {
		const server = await start((response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write(event(delta('ok', 'stop')));
			const timer = setInterval(() => response.write(': ping\n\n'), 10);
			response.on('close', () => clearInterval(timer));
		});
		// The comments never end: a reply that waited for the end of the stream would not come.
		const { reply } = ask(server.baseUrl, { ...streaming, timeoutMs: 500 });
		await expect(reply).resolves.toMatchObject({ text: 'ok', finishReason: 'stop' });
	});

	it('a long error body is read up to a limit', async () => {
		const server = await start(body(MEGABYTE.repeat(4), 'text/plain', 400));
		const error = await failureOf(ask(server.baseUrl).reply);
		expect(error.code).toBe('endpoint-request-refused');
		expect(error.message.length).toBeLessThan(400);
	});
});

describe('redirects', () => {
	it.each([301, 302, 303, 307, 308])(
		'a %i to another origin is not followed, and no key goes there',
		async (status) => {
			const other = await start((response) => json(response, completion('stolen')));
			const server = await start(
				(response) =>
					void response.writeHead(status, { location: `${other.baseUrl}/chat/completions` }).end(),
			);
			const { reply, waits } = ask(server.baseUrl, { maxRetries: 3 });
			const error = await failureOf(reply);
			expect(error.code).toBe('endpoint-redirect');
			expect(error.message).toContain(`redirects to ${other.baseUrl}`);
			expect(error.hint).toContain('base URL');
			expect(other.asked).toEqual([]);
			expect(server.asked).toHaveLength(1);
			expect(waits).toEqual([]);
		},
	);

	it('a browser hides the target', async () => {
		const hidden = Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' });
		const error = await failureOf(ask('http://x.test/v1', { fetch: () => Promise.resolve(hidden) }).reply);
		expect(error.message).toContain('redirects to another address');
	});
});
