import { expect, test, type Page } from '@playwright/test';
import { launchOptions, WITHOUT_WEBGPU } from '../../scripts/chromium.mjs';
import type { RunReport } from '../../src/app/run/runReport.ts';
import { SHORT } from './recipes.ts';

// No SwiftShader: navigator.gpu exists but finds no adapter, as on a machine with a blocked GPU.
test.use({ launchOptions: launchOptions(process.env['CHROMIUM_PATH'], WITHOUT_WEBGPU) });

/** The training worker sees this many processors; with two it would start no threads. */
async function withProcessors(page: Page, count: number): Promise<void> {
	await page.route(/compute\.worker[^/]*\.js/, async (route) => {
		const response = await route.fetch();
		const told = `Object.defineProperty(navigator, 'hardwareConcurrency', { value: ${count} });\n`;
		await route.fulfill({ response, body: told + (await response.text()) });
	});
}

test('without WebGPU the whole loop runs on wasm with the same code', async ({ page }) => {
	await withProcessors(page, 3);
	await page.goto('/loop.html');
	expect(await page.evaluate(async () => (await navigator.gpu.requestAdapter()) === null)).toBe(true);
	await page.waitForFunction('typeof globalThis.runLoop === "function"');
	const recipe = {
		...SHORT,
		prompts: { ...SHORT.prompts, count: 24 },
		training: { ...SHORT.training, steps: 8, evaluateEvery: 0 },
		evaluation: { ...SHORT.evaluation, count: 16 },
	};
	const result = await page.evaluate(
		(json) =>
			(globalThis as unknown as { runLoop: (job: unknown) => Promise<{ report?: RunReport }> }).runLoop({
				recipe: json,
				place: null,
			}),
		recipe,
	);
	expect(result).toHaveProperty('report');
	expect(result.report?.adapter.backend).toBe('wasm');
	// The server isolates the page, so the built worker starts its threads; their code must survive the bundler.
	expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
	expect(result.report?.adapter.features).toContain('threads');
	expect(result.report?.steps).toBe(8);
	expect(result.report?.metrics['loss']?.[0]).toBeCloseTo(1, 5);
	expect(result.report?.metrics['rewards/margins']?.at(-1)).toBeGreaterThan(0);
});

test('without WebGPU the page opens the recorded run, and names its origin', async ({ page }) => {
	await page.goto('/');
	await expect(page.getByText('No WebGPU, on the processor')).toBeVisible();
	await page.screenshot({ path: test.info().outputPath('no-webgpu.png') });
	await page.getByRole('button', { name: 'Look at a recorded run' }).click();
	await expect(page.getByText(/A recording: computed on .* another machine/)).toBeVisible();
	await page.keyboard.press('8');
	await expect(page.getByRole('table', { name: 'Held-out score by family, before and after' })).toBeVisible();
	await page.getByRole('button', { name: 'Load the model' }).first().click();
	const question = page.getByRole('textbox', { name: 'Ask both' });
	await expect(question).toBeEnabled({ timeout: 100_000 });
	await question.fill('Sort these words: pear grape mango.');
	await question.press('Enter');
	// Only complete answers have a score: both are complete, also with the recorded adapter.
	await expect(page.getByRole('article').getByText(/^(0\.\d\d|1\.00)$/)).toHaveCount(2, { timeout: 100_000 });
});
