// Serves the page of the check, WebLLM and one model folder on a free local port.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = '<!doctype html><title>check</title><script type="module" src="/check-model/page.mjs"></script>';
/** @type {Readonly<Record<string, string>>} */
const TYPES = {
	'.js': 'text/javascript',
	'.mjs': 'text/javascript',
	'.json': 'application/json',
	'.wasm': 'application/wasm',
};

/**
 * @param {string} model folder of the model, at /model/ (WebLLM asks for /model/resolve/main/)
 * @param {string} work folder with adapter.bin
 */
export async function serve(model, work) {
	const server = createServer((request, response) => {
		const path = new URL(request.url ?? '/', 'http://host').pathname;
		const type = path === '/' ? 'text/html' : (TYPES[extname(path)] ?? 'application/octet-stream');
		const data = path === '/' ? Promise.resolve(PAGE) : readFile(fileOf(path, model, work));
		data.then(
			(body) => response.writeHead(200, { 'content-type': type }).end(body),
			() => response.writeHead(404).end(),
		);
	});
	await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(undefined)));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('The server got no port.');
	return { url: `http://127.0.0.1:${address.port}/`, close: () => server.close() };
}

/** @param {string} path @param {string} model @param {string} work */
function fileOf(path, model, work) {
	if (path === '/web-llm.js') return join(ROOT, 'node_modules/@mlc-ai/web-llm/lib/index.js');
	if (path === '/adapter.bin') return resolve(work, 'adapter.bin');
	if (path.startsWith('/check-model/')) return join(ROOT, 'scripts', path);
	return resolve(model, path.replace(/^\/model\/(resolve\/main\/)?/, ''));
}
