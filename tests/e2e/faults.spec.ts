/** The page on machines whose GPU is lost or too limited: real engines, real losses. */
import { writeFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import type { Recipe } from '../../src/core/recipe/recipe.ts';
import { SHORT } from './recipes.ts';

/** Long enough to lose a device in each phase; its scores do not matter here. */
const BRIEF: Recipe = {
	...SHORT,
	prompts: { ...SHORT.prompts, count: 24 },
	training: { ...SHORT.training, evaluateEvery: 0 },
	evaluation: { ...SHORT.evaluation, count: 8 },
};

const now = (page: Page) => page.getByRole('region', { name: 'Now', exact: true });
const way = (page: Page) => page.getByRole('navigation', { name: 'Steps of a run' });

/** Runs before the script of a worker: records every opened device, and can lower a limit of the adapter. */
const noteDevices = `{
	const request = GPUAdapter.prototype.requestDevice;
	self.openedDevices = [];
	GPUAdapter.prototype.requestDevice = async function (...options) {
		const device = await request.apply(this, options);
		self.openedDevices.push(device);
		return device;
	};
}
`;
const fewBuffers = `{
	const { get } = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, 'limits');
	Object.defineProperty(GPUAdapter.prototype, 'limits', {
		get() {
			return new Proxy(get.call(this), {
				get: (limits, name) => (name === 'maxStorageBuffersPerShaderStage' ? 8 : limits[name]),
			});
		},
	});
}
`;

async function prepend(page: Page, worker: RegExp, script: string): Promise<void> {
	await page.route(worker, async (route) => {
		const response = await route.fetch();
		await route.fulfill({ response, body: script + (await response.text()) });
	});
}

/** Destroys the devices of a worker, as a driver reset does. */
async function loseDevice(page: Page, worker: RegExp): Promise<void> {
	const found = page.workers().find((one) => worker.test(one.url()));
	const lost = await found?.evaluate(() => {
		const { openedDevices } = self as unknown as { openedDevices: GPUDevice[] };
		for (const device of openedDevices) device.destroy();
		return openedDevices.length;
	});
	expect(lost).toBeGreaterThan(0);
}

async function run(page: Page, recipeFile: string): Promise<void> {
	writeFileSync(recipeFile, JSON.stringify(BRIEF));
	await page.goto('/');
	await page.getByText('All settings').click();
	await page.locator('input[type=file][accept*=json]').setInputFiles(recipeFile);
	await page.getByRole('button', { name: 'Run the loop' }).click();
}

test('a device lost while sampling and another while training: the run continues to its end by itself', async ({
	page,
}, info) => {
	await prepend(page, /(compute|webllm)\.worker-[^/]*\.js$/, noteDevices);
	await run(page, info.outputPath('recipe.json'));
	await expect(now(page)).toContainText(/([5-9]|1\d) of 24/, { timeout: 200_000 });
	await loseDevice(page, /webllm\.worker/);
	await expect(now(page)).toContainText('no finished work is lost', { timeout: 60_000 });
	await expect(now(page)).toContainText(/step [5-9] of 12/, { timeout: 300_000 });
	await loseDevice(page, /compute\.worker/);
	await expect(now(page)).toContainText('from the checkpoint of step', { timeout: 60_000 });
	await expect(now(page)).toContainText('done in', { timeout: 300_000 });
	await expect(way(page)).toContainText('24 at temperature 1');
	await expect(way(page)).toContainText('12 steps, rank 8');
});

test('a GPU with too few buffers for WebLLM: the trainer’s engine answers, and the page says so', async ({
	page,
}, info) => {
	await prepend(page, /webllm\.worker-[^/]*\.js$/, fewBuffers);
	await run(page, info.outputPath('recipe.json'));
	await expect(page.getByText(/WebGPU.*without WebLLM/)).toBeVisible({ timeout: 120_000 });
	await expect(way(page)).toContainText('24 at temperature 1', { timeout: 300_000 });
	await page.locator('body').press('2');
	await expect(page.getByText(/needs maxStorageBuffersPerShaderStage of 10.* allows 8/)).toBeVisible();
});
