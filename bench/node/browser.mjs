// The benchmark's page: builds it, serves it, and opens it in a separate Chromium for every engine.
import { join } from 'node:path';
import { findChromium, launchOptions } from '../../scripts/chromium.mjs';
import { ROOT } from '../../scripts/install.mjs';

/** First port to try; if it is taken, the next free one is used. */
const PORT = Number(process.env['ANCHORAGE_BENCH_PORT'] ?? 4397);

/** @typedef {import('./resources.mjs').Resources} Resources */

/** Builds the page and serves it. @param {Resources} resources @returns {Promise<string>} the page's address */
export async function servePage(resources) {
	const { build, preview } = await import('vite');
	const outDir = join(ROOT, '.cache', 'bench', 'page');
	const config = { root: ROOT, logLevel: /** @type {const} */ ('error') };
	const input = join(ROOT, 'bench', 'index.html');
	await build({ ...config, build: { outDir, emptyOutDir: true, rolldownOptions: { input } } });
	const started = await preview({ ...config, build: { outDir }, preview: { host: '127.0.0.1', port: PORT } });
	const server = await resources.add(started, (it) => it.close());
	return new URL('bench/index.html', server.resolvedUrls?.local[0]).href;
}

/**
 * The page in a browser with a known process id, so that its CPU time can be separated from others'.
 *
 * @param {Resources} resources
 * @param {string} url
 * @param {(text: string) => void} say
 */
export async function openPage(resources, url, say) {
	const { chromium } = await import('playwright');
	const started = await chromium.launchServer({
		...launchOptions(await findChromium()),
		handleSIGINT: false,
		handleSIGTERM: false,
	});
	const server = await resources.add(started, (it) => it.close());
	const browser = await chromium.connect(server.wsEndpoint());
	const page = await browser.newPage();
	page.on('pageerror', (error) => say(`page: ${error.message}`));
	await page.goto(url);
	await page.waitForSelector('body[data-ready]', { state: 'attached' });
	const pid = server.process().pid ?? 0;
	return { page, pid, version: browser.version(), close: () => server.close() };
}

/**
 * One engine on one workload.
 *
 * @param {Resources} resources
 * @param {string} url
 * @param {import('../page/page.ts').StartOptions} options
 * @param {(text: string) => void} say
 * @returns {Promise<import('./rounds.mjs').Engine & { device: string, version: string, close: () => Promise<void> }>}
 */
export async function openEngine(resources, url, options, say) {
	const { page, pid, version, close } = await openPage(resources, url, say);
	await page.evaluate((start) => globalThis.bench.start(start), options);
	return {
		pid,
		version,
		close,
		device: await page.evaluate(() => globalThis.bench.device()),
		step: () => page.evaluate(() => globalThis.bench.step()),
		report: () => page.evaluate(() => globalThis.bench.report()),
	};
}
