/**
 * Vite plugin: mounts the embedded reviser as a real HTTP endpoint on the dev and preview server
 * (`/v1/chat/completions`, `/v1/models`). The handler itself knows nothing about Vite or Node; this file
 * connects them and refuses requests of other pages (vite-endpoint/guard.ts).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { fileURLToPath } from 'node:url';
import { runnerImport, type Connect, type Plugin } from 'vite';
import { type BodyLimits, BODY_LIMITS, readBody } from './vite-endpoint/body.ts';
import { pathOf, refusalOf, type ServerRefusal } from './vite-endpoint/guard.ts';

type Handler = (request: Request) => Promise<Response>;

const HANDLER = fileURLToPath(new URL('../src/runtime/endpoint/embedded.ts', import.meta.url));

/** @param limits of a request's body; tests shorten the times */
export function embeddedEndpoint(limits: Partial<BodyLimits> = {}): Plugin {
	const serve = middleware({ ...BODY_LIMITS, ...limits });
	return {
		name: 'anchorage:embedded-endpoint',
		configureServer: (server) => void server.middlewares.use('/v1', serve),
		configurePreviewServer: (server) => void server.middlewares.use('/v1', serve),
	};
}

function middleware(limits: BodyLimits): Connect.NextHandleFunction {
	let handler: Promise<Handler> | undefined;
	const load = (): Promise<Handler> => {
		// Loaded at the first request, so that an error in the world's code does not prevent the server from
		// starting.
		handler ??= loadHandler();
		return handler;
	};
	return (request, response, next) => {
		answer(load, limits, request, response).catch((error: unknown) => {
			handler = undefined;
			if (response.headersSent) response.destroy();
			else next(error);
		});
	};
}

async function loadHandler(): Promise<Handler> {
	const { module } = await runnerImport<{ handleChatCompletions: Handler }>(HANDLER);
	return module.handleChatCompletions;
}

async function answer(
	load: () => Promise<Handler>,
	limits: BodyLimits,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	const refusal = refusalOf(request, limits.bytes);
	if (refusal !== null) {
		refuse(response, refusal);
		return;
	}
	const body = await readBody(request, limits);
	// The client disconnected: there is nobody to answer.
	if (body === 'gone') return;
	if (!Buffer.isBuffer(body)) {
		refuse(response, body);
		return;
	}
	const handler = await load();
	await send(await handler(toRequest(request, body)), response);
}

function refuse(response: ServerResponse, { status, code, message, headers }: ServerRefusal): void {
	// The rest of a body that nobody reads must not be taken for another request.
	response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers });
	response.end(JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code } }), () =>
		response.req.socket.destroySoon(),
	);
}

async function send(result: Response, response: ServerResponse): Promise<void> {
	response.writeHead(result.status, Object.fromEntries(result.headers));
	if (result.body === null) {
		response.end();
		return;
	}
	// A client that disconnects in mid-stream is no error of the server.
	await pipeline(Readable.fromWeb(result.body as NodeReadableStream), response).catch((error: unknown) => {
		if (!response.destroyed) throw error;
	});
}

function toRequest(request: IncomingMessage, body: Buffer<ArrayBuffer>): Request {
	// Vite removes the mount point from the address; the handler reads only the end of the path.
	const url = new URL('http://localhost');
	url.pathname = pathOf(request) ?? '/';
	const method = request.method ?? 'GET';
	const headers = new Headers({ 'content-type': 'application/json' });
	return new Request(url, method === 'POST' ? { method, headers, body } : { method, headers });
}
