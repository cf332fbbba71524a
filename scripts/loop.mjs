// npm run loop [-- recipe.json] [-- options]: the whole loop in headless Chromium, with the real engines.
// Progress goes to stderr; stdout ends with one line of JSON. Builds the page first if its sources are newer
// than dist (or than ANCHORAGE_DIST).
//
//   --model PLACE   the run's model: a GGUF file, a folder, a repository's name on the hub, or an address
//   --begin FILE    begins from the adapter of a saved run, merged as the new reference
//   --set FILE      trains on the pairs of a file, such as an exported set, in place of pairs that the run makes
//   --no-webgpu     runs on the processor; without a GPU this is faster than a WebGPU in software
//   --credit        also measures the share of token credit on edited tokens, for the report
//   --save FILE     writes the whole run to a file that the page's Shelf opens: my.run.json.gz
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
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

/** @typedef {{ model?: string, begin?: string, set?: string, save?: string, credit?: boolean, 'no-webgpu'?: boolean }} Values */
const OPTIONS = /** @type {const} */ ({
	model: { type: 'string' },
	begin: { type: 'string' },
	set: { type: 'string' },
	save: { type: 'string' },
	credit: { type: 'boolean' },
	'no-webgpu': { type: 'boolean' },
});

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
 * Chooses the files of a local path on the page, as a person would.
 *
 * @param {import('playwright').Page} page @param {string} place
 * @returns {Promise<string>} `place` if it is no local path
 */
async function placeOf(page, place) {
	if (!existsSync(place)) return place;
	const input = statSync(place).isDirectory() ? '#folder' : '#file';
	await page.setInputFiles(input, resolve(place));
	return input;
}

/** @param {string} path @returns {{ name: string, bytes: string }} */
function fileOf(path) {
	if (!existsSync(path)) throw new Error(`There is no file ${path}.`);
	return { name: basename(path), bytes: readFileSync(path).toString('base64') };
}

/** @param {Values} values */
async function launch(values) {
	const { chromium } = await import('playwright');
	const { CHROMIUM_FLAGS, findChromium, launchOptions, WITHOUT_WEBGPU } = await import('./chromium.mjs');
	const flags = values['no-webgpu'] === true ? WITHOUT_WEBGPU : CHROMIUM_FLAGS;
	return chromium.launch(launchOptions(await findChromium(), flags));
}

/**
 * @param {unknown} recipe @param {string} url @param {Values} values
 * @returns {Promise<{ report?: unknown, error?: { message: string, hint: string } }>}
 */
async function runInChromium(recipe, url, values) {
	const { model, begin, set, save: file, credit = false } = values;
	const browser = await launch(values);
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
		const place = model === undefined ? null : await placeOf(page, model);
		const run = page.evaluate(
			(job) => /** @type {any} */ (globalThis).runLoop(job),
			/** @type {any} */ ({
				...{ recipe, place, credit },
				begin: begin === undefined ? null : fileOf(begin),
				set: set === undefined ? null : fileOf(set),
			}),
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
	const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
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
		const { report, error } = await runInChromium(recipe, url, values);
		if (error !== undefined) throw new Error([error.message, error.hint].filter(Boolean).join('\n'));
		process.stdout.write(`${JSON.stringify(report)}\n`);
	} finally {
		await server.close();
	}
}

await runScript(import.meta.url, main);
