/** Serves `.http` files byte by byte: a status line, headers, a blank line and a body. */
import { createServer } from 'node:net';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';

export interface RawServer {
	/** Base URL that ends in `/v1`. */
	baseUrl: string;
	/** The requests as they arrived, headers and body. */
	requests: string[];
	close(): Promise<void>;
}

/** The file's bytes with CRLF in the head, as HTTP wants it; the body stays as it is. */
export function httpFile(name: string): Buffer {
	const text = readFileSync(new URL(`../fixtures/cases/${name}`, import.meta.url), 'utf8');
	const end = text.indexOf('\n\n');
	const head = text.slice(0, end).replaceAll('\n', '\r\n');
	return Buffer.from(`${head}\r\nconnection: close\r\n\r\n${text.slice(end + 2)}`);
}

/**
 * A server that sends the same bytes to every request.
 *
 * @param bytes of the answer to the nth request, 1-based
 */
export async function serveRaw(bytes: (count: number, request: string) => Buffer): Promise<RawServer> {
	const requests: string[] = [];
	const server = createServer((socket) => {
		let received = '';
		socket.on('error', () => socket.destroy());
		socket.on('data', (piece: Buffer) => {
			received += piece.toString('utf8');
			if (!isWhole(received)) return;
			requests.push(received);
			socket.end(bytes(requests.length, received));
			received = '';
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		baseUrl: `http://127.0.0.1:${port}/v1`,
		requests,
		close: () => new Promise((resolve) => server.close(() => resolve())),
	};
}

function isWhole(request: string): boolean {
	const end = request.indexOf('\r\n\r\n');
	const length = Number(/content-length:\s*(\d+)/i.exec(request)?.[1] ?? 0);
	return end >= 0 && Buffer.byteLength(request.slice(end + 4)) >= length;
}
