/** A real HTTP server for one test, with many kinds of faulty behaviour. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
	path: string;
	headers: IncomingMessage['headers'];
	body: Record<string, unknown>;
}

export interface TestServer {
	baseUrl: string;
	asked: Asked[];
	close(): Promise<void>;
}

export type Handler = (response: ServerResponse, asked: Asked, count: number) => void;

export async function serve(handler: Handler): Promise<TestServer> {
	const asked: Asked[] = [];
	const server = createServer((request, response) => {
		const parts: Buffer[] = [];
		request.on('data', (part: Buffer) => parts.push(part));
		request.on('end', () => {
			const text = Buffer.concat(parts).toString('utf8');
			const one: Asked = {
				path: request.url ?? '',
				headers: request.headers,
				body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
			};
			asked.push(one);
			handler(response, one, asked.length);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		baseUrl: `http://127.0.0.1:${port}/v1`,
		asked,
		close: () =>
			new Promise((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	};
}

export function json(response: ServerResponse, value: unknown, status = 200, headers = {}): void {
	response.writeHead(status, { 'content-type': 'application/json', ...headers });
	response.end(JSON.stringify(value));
}

export function completion(text: string): unknown {
	return {
		id: 'x',
		object: 'chat.completion',
		created: 0,
		model: 'm',
		choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
		usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
	};
}

export function event(value: unknown): string {
	return `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
}

export function delta(text: string, finish: string | null = null): unknown {
	return {
		id: 'x',
		object: 'chat.completion.chunk',
		created: 0,
		model: 'm',
		choices: [{ index: 0, delta: { content: text }, finish_reason: finish }],
	};
}

/** Options of a streamed request whose text is not looked at. */
export const streaming = { onText: () => undefined };

/** Answers with server-sent events. */
export const sse =
	(...events: string[]): Handler =>
	(response) =>
		void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(events.join(''));

/** Answers with a text. */
export const body =
	(text: string, type = 'application/json', status = 200): Handler =>
	(response) =>
		void response.writeHead(status, { 'content-type': type }).end(text);

/** A whole completion of any form. */
export const choice = (message: unknown, finish: unknown = 'stop'): unknown => ({
	choices: [{ index: 0, message, finish_reason: finish }],
});
