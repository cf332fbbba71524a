// npm run loop [-- recipe.json] [-- --save my.run.json.gz]: the whole loop in headless Chromium, with the
// real engines. Progress goes to stderr; stdout ends with one line of JSON. --save writes the whole run to a
// file that the page's Shelf opens. Builds the page first if its sources are newer than dist (or than
// ANCHORAGE_DIST).
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, runScript } from './install.mjs';
import { readRecipeFile } from './recipe-file.mjs';

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
const say = (line) => process.stderr.write(`${line}\n`);

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
 * @param {unknown} recipe @param {string} url @param {string | undefined} file path to write the whole run to
 * @returns {Promise<{ report?: unknown, error?: { message: string, hint: string } }>}
 */
async function runInChromium(recipe, url, file) {
	const { chromium } = await import('playwright');
	const { findChromium, launchOptions } = await import('./chromium.mjs');
	const browser = await chromium.launch(launchOptions(await findChromium()));
	try {
		const page = await browser.newPage();
		page.on('pageerror', (error) => say(`page: ${error.message}`));
		page.on('console', (message) => {
			if (message.type() === 'error') say(`page: ${message.text()}`);
		});
		const crashed = new Promise((_, reject) =>
			page.on('crash', () => reject(new Error('The browser tab crashed, most likely out of memory.'))),
		);
		await page.exposeFunction('sayProgress', say);
		await page.goto(new URL('loop.html', url).href);
		await page.waitForFunction('typeof globalThis.runLoop === "function"');
		const run = page.evaluate(
			(json) => /** @type {any} */ (globalThis).runLoop(json),
			/** @type {any} */ (recipe),
		);
		const result = await Promise.race([run, crashed]);
		if (file !== undefined && result.report !== undefined) {
			writeFileSync(file, Buffer.from(String(await page.evaluate('globalThis.packRun()')), 'base64'));
			say(`The run is in ${file}.`);
		}
		return result;
	} finally {
		await browser.close();
	}
}

async function main() {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { save: { type: 'string' } },
	});
	const [file] = positionals;
	const recipe = file === undefined ? null : await readRecipeFile(file);
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
		const { report, error } = await runInChromium(recipe, url, values.save);
		if (error !== undefined) throw new Error([error.message, error.hint].filter(Boolean).join('\n'));
		process.stdout.write(`${JSON.stringify(report)}\n`);
	} finally {
		await server.close();
	}
}

await runScript(import.meta.url, main);
