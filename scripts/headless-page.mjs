// The built page in headless Chromium, for the scripts that run without a window. Builds it first if its sources are newer than
// dist (or than ANCHORAGE_DIST).
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from './install.mjs';

/** First port to try; if it is taken, the next free one is used. */
const PORT = 4391;
const SOURCES = [
	'src',
	'public',
	'scripts',
	'index.html',
	'loop.html',
	'package-lock.json',
	'vite.config.ts',
];

/** Folder of the built page; a separate folder protects a run from builds that happen at the same time. */
const DIST = resolve(ROOT, process.env['ANCHORAGE_DIST'] ?? 'dist');

/** @param {string} line */
export const say = (line) => process.stderr.write(`${line}\n`);

/** @param {string} path @returns {number} the time of its newest file, in milliseconds */
function newest(path) {
	if (!existsSync(path)) return 0;
	const { mtimeMs } = statSync(path);
	if (!statSync(path).isDirectory()) return mtimeMs;
	return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

async function buildIfNeeded() {
	const built = newest(join(DIST, 'loop.html'));
	if (built >= Math.max(...SOURCES.map((name) => newest(join(ROOT, name))))) return;
	say('Building the page…');
	const { build } = await import('vite');
	await build({ root: ROOT, logLevel: 'error', build: { outDir: DIST, emptyOutDir: true } });
}

/**
 * Serves the built page while `work` runs.
 *
 * @template T
 * @param {(url: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withServer(work) {
	await buildIfNeeded();
	const { preview } = await import('vite');
	const server = await preview({
		root: ROOT,
		logLevel: 'error',
		build: { outDir: DIST },
		preview: { host: '127.0.0.1', port: PORT },
	});
	try {
		const url = server.resolvedUrls?.local[0];
		if (url === undefined) throw new Error('The preview server gave no address.');
		return await work(url);
	} finally {
		await server.close();
	}
}

/**
 * @typedef {object} PageOptions
 * @property {boolean} webgpu
 * @property {boolean} [closesOnInterrupt] false leaves a Ctrl-C to the script
 * @property {string | undefined} [profile] folder in which the browser keeps its store and its models; without one it forgets them when it closes
 */

/** The address of the pages of a kept profile: its store belongs to an address, and the server's port can be another one next time. */
const KEPT_HOST = 'anchorage.localhost';

/** @param {string} profile */
function profileInUse(profile) {
	return Object.assign(new Error(`Another browser works in ${profile}.`), {
		hint: 'Wait until the other command has ended, or a few seconds after it was killed, and run this one again.',
	});
}

/**
 * @param {string} url of the server
 * @param {PageOptions} options
 * @returns {Promise<{ context: import('playwright').BrowserContext, browser: import('playwright').Browser, address: string }>}
 */
async function launch(url, { webgpu, closesOnInterrupt = true, profile }) {
	const { chromium } = await import('playwright');
	const { CHROMIUM_FLAGS, findChromium, launchOptions, WITHOUT_WEBGPU } = await import('./chromium.mjs');
	const flags = webgpu ? CHROMIUM_FLAGS : WITHOUT_WEBGPU;
	const signals = { handleSIGINT: closesOnInterrupt, handleSIGTERM: closesOnInterrupt };
	const path = await findChromium();
	if (profile === undefined) {
		const browser = await chromium.launch({ ...launchOptions(path, flags), ...signals });
		return { browser, context: await browser.newContext(), address: url };
	}
	const host = `--host-resolver-rules=MAP ${KEPT_HOST}:80 ${new URL(url).host}`;
	const options = { ...launchOptions(path, [...flags, host]), ...signals };
	const context = await chromium.launchPersistentContext(resolve(profile), options).catch((error) => {
		throw String(error).includes('ProcessSingleton') ? profileInUse(profile) : error;
	});
	const browser = context.browser();
	if (browser === null) throw new Error('Playwright gave no browser.');
	return { browser, context, address: `http://${KEPT_HOST}/` };
}

/**
 * @typedef {object} HeadlessPage
 * @property {import('playwright').Page} page loop.html, with its functions
 * @property {Promise<never>} crashed rejects if the tab crashes
 * @property {() => Promise<void>} close
 */

/**
 * A browser whose pages share the cache of models and the store of runs.
 *
 * @typedef {object} HeadlessBrowser
 * @property {() => boolean} isOpen false after a crash
 * @property {(tell?: (line: string) => void) => Promise<HeadlessPage>} openPage opens loop.html; its progress and
 *   errors go to `tell`, by default to stderr
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} url of the server
 * @param {PageOptions} options
 * @returns {Promise<HeadlessBrowser>}
 */
export async function openBrowser(url, options) {
	const { browser, context, address } = await launch(url, options);
	return {
		isOpen: () => browser.isConnected(),
		openPage: (tell = say) => openPageIn(context, address, tell),
		close: () => browser.close(),
	};
}

/**
 * @param {import('playwright').BrowserContext} context @param {string} url @param {(line: string) => void} tell
 * @returns {Promise<HeadlessPage>}
 */
async function openPageIn(context, url, tell) {
	const page = await context.newPage();
	try {
		page.on('pageerror', (error) => tell(`page: ${error.message}`));
		page.on('console', (message) => {
			if (message.type() === 'error') tell(`page: ${message.text()}`);
		});
		/** @type {Promise<never>} */
		const crashed = new Promise((_, reject) =>
			page.on('crash', () => reject(new Error('The browser tab crashed, most likely out of memory.'))),
		);
		// A crash is handled by the call that waits for the page.
		crashed.catch(() => undefined);
		await page.exposeFunction('sayProgress', tell);
		await page.goto(new URL('loop.html', url).href);
		await page.waitForFunction('typeof globalThis.runLoop === "function"');
		return { page, crashed, close: () => page.close() };
	} catch (error) {
		// Not awaited, because a crashed page may not answer.
		void page.close().catch(() => undefined);
		throw error;
	}
}

/**
 * Opens loop.html in a browser of its own.
 *
 * @param {string} url of the server
 * @param {PageOptions} options see {@link openBrowser}
 * @returns {Promise<HeadlessPage>}
 */
export async function openPage(url, options) {
	const browser = await openBrowser(url, options);
	try {
		return { ...(await browser.openPage()), close: () => browser.close() };
	} catch (error) {
		await browser.close();
		throw error;
	}
}

/**
 * Chooses the files of a local path on the page, as a person would.
 *
 * @param {import('playwright').Page} page @param {string} place
 * @returns {Promise<string>} `place` if it is no local path
 */
export async function placeOf(page, place) {
	if (!existsSync(place)) return place;
	const input = statSync(place).isDirectory() ? '#folder' : '#file';
	await page.setInputFiles(input, resolve(place));
	return input;
}
