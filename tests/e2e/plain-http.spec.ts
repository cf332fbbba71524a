/**
 * The page at an address that browsers do not trust: plain http, not localhost. There the browser hides WebGPU,
 * crypto.randomUUID, crypto.subtle, Cache Storage, locks, private files and the clipboard.
 */
import { expect, test } from '@playwright/test';
import { writeFileSync } from 'node:fs';
import { launchOptions } from '../../scripts/chromium.mjs';
import { SHORT } from './recipes.ts';

const flags = ['--no-sandbox', '--host-resolver-rules=MAP 192.0.2.1 127.0.0.1'];
test.use({ launchOptions: launchOptions(process.env['CHROMIUM_PATH'], flags) });

const RECIPE = {
	...SHORT,
	prompts: { ...SHORT.prompts, count: 12 },
	training: { ...SHORT.training, steps: 4, evaluateEvery: 0 },
	evaluation: { ...SHORT.evaluation, count: 8 },
};

test('at a plain network address the page says how to get WebGPU, and runs to the end', async ({
	page,
	baseURL,
}) => {
	const failures: string[] = [];
	page.on('pageerror', (error) => failures.push(error.message));
	const address = (baseURL ?? '').replace('127.0.0.1', '192.0.2.1');
	await page.goto(address);
	expect(await page.evaluate(() => isSecureContext)).toBe(false);
	await expect(
		page.getByText('Browsers hide WebGPU from pages that come over a plain network'),
	).toBeVisible();
	await expect(page.getByText(/http:\/\/localhost:\d+\//).first()).toBeVisible();
	await page.screenshot({ path: test.info().outputPath('plain-http.png'), fullPage: true });

	const file = test.info().outputPath('recipe.json');
	writeFileSync(file, JSON.stringify(RECIPE));
	await page.getByText('All settings').click();
	await page.locator('input[type=file][accept*=json]').setInputFiles(file);
	await page.getByRole('button', { name: 'Run the loop on the processor' }).click();
	await expect(page.getByText(/Measured on 8 prompts/).first()).toBeVisible({ timeout: 300_000 });

	// The run is kept in IndexedDB, checkpoints included.
	await page.reload();
	await page.getByRole('button', { name: 'Shelf' }).click();
	await expect(
		page
			.getByRole('main')
			.getByText(/4 steps/)
			.first(),
	).toBeVisible();
	expect(failures).toEqual([]);
});
