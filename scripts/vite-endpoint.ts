/**
 * Vite plugin: mounts the embedded reviser as a real HTTP endpoint on the dev and preview server
 * (`/v1/chat/completions`, `/v1/models`). The handler itself knows nothing about Vite or Node; this file
 * connects them.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { fileURLToPath } from 'node:url';
import { runnerImport, type Connect, type Plugin } from 'vite';

type Handler = (request: Request) => Promise<Response>;

const HANDLER = fileURLToPath(new URL('../src/runtime/endpoint/embedded.ts', import.meta.url));
/** A prompt and an answer are a few kilobytes; a larger body is a mistake. */
const LARGEST_BODY = 1_000_000;

export function embeddedEndpoint(): Plugin {
	const serve = middleware();
	return {
		name: 'anchorage:embedded-endpoint',
		configureServer: (server) => void server.middlewares.use('/v1', serve),
		configurePreviewServer: (server) => void server.middlewares.use('/v1', serve),
	};
}

function middleware(): Connect.NextHandleFunction {
	let handler: Promise<Handler> | undefined;
	return (request, response, next) => {
		// Loaded at the first request, so that an error in the world's code does not prevent the server from
		// starting.
		handler ??= loadHandler();
		answer(handler, request, response).catch((error: unknown) => {
			handler = undefined;
			next(error);
		});
	};
}

async function loadHandler(): Promise<Handler> {
	const { module } = await runnerImport<{ handleChatCompletions: Handler }>(HANDLER);
	return module.handleChatCompletions;
}

async function answer(
	handler: Promise<Handler>,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	const body = await readBody(request);
	if (body === null) {
		response.writeHead(413, { 'content-type': 'application/json', connection: 'close' });
		response.end(JSON.stringify({ error: { message: 'The request is too large.', code: 'too_large' } }));
		return;
	}
	const result = await (await handler)(toRequest(request, body));
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

/** Null if the body is larger than LARGEST_BODY. */
async function readBody(request: IncomingMessage): Promise<Buffer<ArrayBuffer> | null> {
	const parts: Buffer[] = [];
	let size = 0;
	for await (const part of request) {
		const bytes = part as Buffer;
		size += bytes.length;
		if (size > LARGEST_BODY) return null;
		parts.push(bytes);
	}
	return Buffer.concat(parts);
}

function toRequest(request: IncomingMessage, body: Buffer<ArrayBuffer>): Request {
	// Vite removes the mount point from the address; the handler reads only the end of the path.
	const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
	const method = request.method ?? 'GET';
	const headers = new Headers({ 'content-type': request.headers['content-type'] ?? 'application/json' });
	const hasBody = method !== 'GET' && method !== 'HEAD';
	return new Request(url, hasBody ? { method, headers, body } : { method, headers });
}
