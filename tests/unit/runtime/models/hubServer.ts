/**
 * A hub in miniature, over real HTTP: its API and small files on one origin, large files (Git LFS) on another, to which it
 * redirects with a new address each time. Behaves as documented, until a test makes it stall, cut off, send other bytes or refuse.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubFile {
	bytes: Buffer;
	isLarge: boolean;
}

export interface Request {
	path: string;
	headers: IncomingHttpHeaders;
	/** The file of a request for one, else null. */
	file: string | null;
}

export interface HubServer {
	origin: string;
	commit: string;
	files: Map<string, HubFile>;
	/** Requests of both origins, in order. */
	asked: Request[];
	/** Answers a request itself and returns true; false sends the plain answer. Called for API, redirects and files. */
	fault: (request: Request, response: ServerResponse) => boolean;
	/** False if the servers ignore Range. */
	hasRange: boolean;
	/** False if the servers send no ETag. */
	hasEtag: boolean;
	/** Files of one page of the list. */
	pageSize: number;
	/** Byte positions at which the requests for a file's bytes began. */
	starts(file: string): number[];
	close(): Promise<void>;
}

export const REPOSITORY = 'owner/tiny-model';
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
export const gitSha1 = (bytes: Buffer): string =>
	createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** Bytes that differ at every place, so that a wrong order shows. */
export function noise(length: number, seed = 1): Buffer {
	const bytes = Buffer.alloc(length);
	let state = seed;
	for (let i = 0; i < length; i++) {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		bytes[i] = state >>> 24;
	}
	return bytes;
}

export const large = (bytes: Buffer): HubFile => ({ bytes, isLarge: true });
export const small = (text: string): HubFile => ({ bytes: Buffer.from(text), isLarge: false });

async function listen(server: Server): Promise<string> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function json(response: ServerResponse, value: unknown, status = 200, headers = {}): void {
	response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
	response.end(JSON.stringify(value));
}

export async function serveHub(files: ReadonlyMap<string, HubFile>): Promise<HubServer> {
	const api = createServer((request, response) => answerHub(request.url ?? '', request.headers, response));
	const storage = createServer((request, response) => {
		const path = request.url ?? '';
		const file = decodeURIComponent(new URL(path, 'http://x').searchParams.get('file') ?? '');
		const asked = { path, headers: request.headers, file };
		hub.asked.push(asked);
		const found = hub.files.get(file);
		if (found === undefined) response.writeHead(403).end('expired');
		else if (!hub.fault(asked, response)) sendBytes(found, request.headers, response);
	});
	const origin = await listen(api);
	const storageOrigin = await listen(storage);
	let signed = 0;

	function answerHub(path: string, headers: IncomingHttpHeaders, response: ServerResponse): void {
		const url = new URL(path, origin);
		const [, file] = /\/resolve\/[^/]+\/(.+)$/.exec(url.pathname) ?? [];
		const asked = { path, headers, file: file === undefined ? null : decodeURIComponent(file) };
		const isRedirect = asked.file !== null && hub.files.get(asked.file)?.isLarge === true;
		// A redirect is no request for bytes.
		hub.asked.push(isRedirect ? { ...asked, file: null } : asked);
		if (hub.fault(isRedirect ? { ...asked, file: null } : asked, response)) return;
		if (asked.file !== null && url.pathname.startsWith(`/${REPOSITORY}/resolve/${hub.commit}/`))
			sendFile(asked.file, headers, response);
		else sendApi(url, response);
	}

	function sendApi(url: URL, response: ServerResponse): void {
		const api = `/api/models/${REPOSITORY}`;
		if ([`${api}/revision/main`, `${api}/revision/${hub.commit}`].includes(url.pathname))
			json(response, {
				...{ id: REPOSITORY, sha: hub.commit, gated: false, private: false },
				cardData: { license: 'apache-2.0' },
			});
		else if (url.pathname.startsWith(`${api}/revision/`))
			json(response, { error: 'Invalid rev id' }, 404, { 'x-error-code': 'RevisionNotFound' });
		else if (url.pathname === `${api}/tree/${hub.commit}`) sendTree(url, response);
		else json(response, { error: 'Invalid username or password.' }, 401, { 'x-error-code': 'RepoNotFound' });
	}

	function sendTree(url: URL, response: ServerResponse): void {
		const from = Number(url.searchParams.get('cursor') ?? 0);
		const entries: object[] = [...hub.files].map(([path, { bytes, isLarge }]) => ({
			type: 'file',
			oid: isLarge ? gitSha1(Buffer.from('pointer')) : gitSha1(bytes),
			size: bytes.length,
			path,
			...(isLarge ? { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 134 } } : {}),
		}));
		entries.unshift({ type: 'directory', oid: hub.commit, size: 0, path: 'onnx' });
		const to = from + hub.pageSize;
		const next = `${url.origin}${url.pathname}?recursive=true&cursor=${to}`;
		json(
			response,
			entries.slice(from, to),
			200,
			to < entries.length ? { link: `<${next}>; rel="next"` } : {},
		);
	}

	function sendFile(name: string, headers: IncomingHttpHeaders, response: ServerResponse): void {
		const file = hub.files.get(name);
		if (file === undefined) {
			json(response, { error: 'Entry not found' }, 404, { 'x-error-code': 'EntryNotFound' });
			return;
		}
		if (!file.isLarge) {
			sendBytes(file, headers, response);
			return;
		}
		response.writeHead(302, {
			location: `${storageOrigin}/${sha256(file.bytes)}?file=${encodeURIComponent(name)}&Signature=${signed++}`,
			'x-linked-etag': `"${sha256(file.bytes)}"`,
			'x-linked-size': String(file.bytes.length),
			'x-repo-commit': hub.commit,
		});
		response.end();
	}

	function sendBytes(
		{ bytes, isLarge }: HubFile,
		headers: IncomingHttpHeaders,
		response: ServerResponse,
	): void {
		const etag = hub.hasEtag ? { etag: `"${isLarge ? sha256(bytes) : gitSha1(bytes)}"` } : {};
		const [, start] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
		const common = { 'content-type': 'application/octet-stream', ...etag };
		if (start === undefined || !hub.hasRange) {
			response.writeHead(200, { ...common, 'content-length': String(bytes.length) }).end(bytes);
		} else if (Number(start) >= bytes.length) {
			response.writeHead(416, { ...common, 'content-range': `bytes */${bytes.length}` }).end();
		} else {
			const rest = bytes.subarray(Number(start));
			response.writeHead(206, {
				...common,
				'accept-ranges': 'bytes',
				'content-length': String(rest.length),
				'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
			});
			response.end(rest);
		}
	}

	const hub: HubServer = {
		origin,
		commit: COMMIT,
		files: new Map(files),
		asked: [],
		fault: () => false,
		hasRange: true,
		hasEtag: true,
		pageSize: 1000,
		starts: (name) =>
			hub.asked
				.filter(({ file }) => file === name)
				.map(({ headers }) => Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)),
		close: async () => {
			for (const server of [api, storage]) {
				server.closeAllConnections();
				await new Promise<void>((resolve) => server.close(() => resolve()));
			}
		},
	};
	return hub;
}

/** Sends the rest of a file from the asked byte on, cut off after so many bytes. */
export function cutAfter(count: number, bytes: Buffer, { headers }: Request, response: ServerResponse): true {
	const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
	const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
	response.writeHead(start > 0 ? 206 : 200, {
		'content-length': String(bytes.length - start),
		...(start > 0 ? range : {}),
	});
	response.write(bytes.subarray(start, start + count), () => response.destroy());
	return true;
}
