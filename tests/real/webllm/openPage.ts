/** Opens the page of a kept model in Chromium, served with the app's sources. */
import { createReadStream } from 'node:fs';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { findChromium, launchOptions } from '../../../scripts/chromium.mjs';
import type { KeptModelPage } from './questions.ts';

/** If this port is taken, vite takes the next free one. */
const PORT = 4396;

export interface OpenedPage {
	call<Name extends keyof KeptModelPage>(
		name: Name,
		...args: Parameters<KeptModelPage[Name]>
	): Promise<Awaited<ReturnType<KeptModelPage[Name]>>>;
	close(): Promise<void>;
}

type Functions = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

/** @param gguf path of the file at /model.gguf */
export async function openPage(gguf: string): Promise<OpenedPage> {
	const server = await createServer({
		logLevel: 'error',
		server: { host: '127.0.0.1', port: PORT, hmr: false },
		plugins: [
			{
				name: 'anchorage:kept-model',
				configureServer: ({ middlewares }) => {
					middlewares.use('/model.gguf', (_request, response) => void createReadStream(gguf).pipe(response));
				},
			},
		],
	});
	await server.listen();
	const browser = await chromium.launch(launchOptions(await findChromium()));
	const page = await browser.newPage();
	await page.goto(new URL('tests/real/webllm/index.html', server.resolvedUrls?.local[0]).href);
	await page.waitForFunction('window.keptModel !== undefined');
	return {
		call: async (name, ...args) => {
			const result = await page.evaluate(
				([wanted, given]) => {
					const called = (Reflect.get(window, 'keptModel') as Functions)[wanted];
					if (called === undefined) throw new Error(`The page has no function ${wanted}.`);
					return called(...given);
				},
				[name, args] as [string, unknown[]],
			);
			return result as never;
		},
		close: async () => {
			await browser.close();
			await server.close();
		},
	};
}
