// Serves the page of the check with the app's sources, the model's folder and the adapter, on a free local port.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createServer } from 'vite';
import { ROOT } from '../install.mjs';

/** If this port is taken, vite takes the next free one. */
const PORT = 4395;

/** Answers with the files of a folder, or 404. @param {string} folder @returns {import('vite').Connect.NextHandleFunction} */
function filesOf(folder) {
	return (request, response) => {
		const [path = '/'] = (request.url ?? '/').split(/[?#]/);
		// A path such as `//[` is no address.
		if (!URL.canParse(path, 'http://host')) {
			response.writeHead(400).end();
			return;
		}
		readFile(join(folder, new URL(path, 'http://host').pathname)).then(
			(body) => response.end(body),
			() => response.writeHead(404).end(),
		);
	};
}

/**
 * @param {string} model folder of the model, at /model/
 * @param {string} work  folder of the adapter in PEFT's files, at /adapter/
 */
export async function serve(model, work) {
	const server = await createServer({
		root: ROOT,
		logLevel: 'error',
		server: { host: '127.0.0.1', port: PORT, hmr: false },
		plugins: [
			{
				name: 'anchorage:checked-model',
				configureServer: ({ middlewares }) => {
					middlewares.use('/model', filesOf(resolve(model)));
					middlewares.use('/adapter', filesOf(resolve(work)));
				},
			},
		],
	});
	await server.listen();
	return {
		url: new URL('scripts/check-model/index.html', server.resolvedUrls?.local[0]).href,
		close: () => server.close(),
	};
}
