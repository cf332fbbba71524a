// Checks a model folder in headless Chromium against a float64 reference (python/webllm/expected.py).
//   node scripts/check-model.mjs public/models/anchor-1m [python/build]
// Exits with 1 if a check fails. Only `npm run model` and `npm run libraries` need it: the app's tests check
// the model through the app. Writes the number of checks and the worst errors to outcome.json beside expected.json.
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { runScript } from './install.mjs';

/** Milliseconds for the page to load: a machine that compiles libraries beside it is slow. */
const PATIENCE = 600_000;

/** Runs one function of the page. @param {import('playwright').Page} page @returns {import('./check-model/checks.mjs').Caller} */
const callerOf =
	(page) =>
	(name, ...args) =>
		page.evaluate(
			([name, args]) => /** @type {any} */ (window)['check'][name](...args),
			/** @type {[string, any[]]} */ ([name, args]),
		);

async function main() {
	const { chromium } = await import('playwright');
	const { checkModel } = await import('./check-model/checks.mjs');
	const { Report } = await import('./check-model/report.mjs');
	const { serve } = await import('./check-model/server.mjs');
	const { findChromium, launchOptions } = await import('./chromium.mjs');
	const [model = 'public/models/anchor-1m', work = 'python/build'] = process.argv.slice(2);
	const expected = JSON.parse(await readFile(resolve(work, 'expected.json'), 'utf8'));
	const report = new Report();
	const server = await serve(model, work);
	const browser = await chromium.launch(launchOptions(await findChromium()));
	try {
		const page = await browser.newPage();
		page.setDefaultTimeout(PATIENCE);
		page.on('pageerror', (error) => report.add('page', false, String(error)));
		await page.goto(server.url);
		await page.waitForFunction('window.check !== undefined');
		await checkModel({ call: callerOf(page), report, expected });
	} finally {
		await browser.close();
		await server.close();
	}
	const { checks, worst } = report;
	await writeFile(resolve(work, 'outcome.json'), JSON.stringify({ checks, worst }));
	report.say(
		report.failed === 0 ? 'The model library agrees with the reference.' : `${report.failed} checks failed.`,
	);
	process.exitCode = report.failed === 0 ? 0 : 1;
}

await runScript(import.meta.url, main);
