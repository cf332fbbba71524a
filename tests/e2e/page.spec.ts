/** The page as a new user meets it: real engines, real endpoint, real storage, by mouse and by keyboard. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type BrowserContext, type Page } from '@playwright/test';
import { writeFileSync } from 'node:fs';
import { PIPELINE } from '../../src/core/pipeline.ts';
import type { Recipe } from '../../src/core/recipe/recipe.ts';
import { SHORT } from './recipes.ts';

test.describe.configure({ mode: 'serial' });

let context: BrowserContext;
let page: Page;
const loaded: string[] = [];

test.beforeAll(async ({ browser }) => {
	context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
	page = await context.newPage();
	page.on('request', (request) => loaded.push(request.url()));
});
test.afterAll(() => context.close());

/** Gives the page a recipe as a user does: through the file field. */
async function openRecipe(target: Page, recipe: Recipe, file: string): Promise<void> {
	writeFileSync(file, JSON.stringify(recipe));
	await target.getByText('All settings').click();
	await target.locator('input[type=file][accept*=json]').setInputFiles(file);
	await expect(target.getByRole('spinbutton', { name: /^Prompts(, changed)?\s*$/ })).toHaveValue(
		String(recipe.prompts.count),
	);
}

async function expectAccessible(target: Page, what: string): Promise<void> {
	const { violations } = await new AxeBuilder({ page: target }).analyze();
	expect(
		violations.map(
			({ id, nodes }) => `${what}: ${id} at ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
		),
	).toEqual([]);
}

/** Marks the first frame that has content. The browser's own mark is later on a busy machine, because it waits for the screen. */
function markFirstFrame(): void {
	if ((document.getElementById('app')?.childElementCount ?? 0) > 0) performance.mark('first-frame');
	else requestAnimationFrame(markFirstFrame);
}

test('the first paint loads neither WebLLM nor tfjs', async () => {
	await page.addInitScript(`${markFirstFrame.toString()}; requestAnimationFrame(markFirstFrame);`);
	await page.goto('/');
	await expect(page.getByRole('button', { name: /Run the loop/ })).toBeEnabled();
	const early = await page.evaluate(() => {
		const painted = performance.getEntriesByName('first-frame')[0]?.startTime ?? 0;
		return performance
			.getEntriesByType('resource')
			.filter(({ startTime }) => startTime < painted)
			.map(({ name }) => name);
	});
	expect(early.length).toBeGreaterThan(0);
	expect(early.filter((url) => /worker|webllm|web-llm|tfjs|tensorflow|wasm/i.test(url))).toEqual([]);
	await expectAccessible(page, 'first page');
});

test('Run the loop goes from prompts to a tuned model', async () => {
	await openRecipe(page, SHORT, test.info().outputPath('recipe.json'));
	await page.getByRole('button', { name: /Run the loop/ }).click();
	await expect(page.getByRole('button', { name: /Pause/ }).first()).toBeVisible();
	await expect(page.getByText('WebGPU').first()).toBeVisible();
	await expect(page.getByRole('button', { name: /Change one thing, run again/ }).first()).toBeVisible({
		timeout: 400_000,
	});
	expect(loaded.some((url) => url.endsWith('/v1/chat/completions'))).toBe(true);
});

for (const [i, { id, title }] of PIPELINE.entries()) {
	test(`the view of ${title} opens by its key and has no accessibility violation`, async () => {
		await page.keyboard.press(String(i + 1));
		await page.waitForTimeout(300);
		await page.screenshot({ path: test.info().outputPath(`${id}.png`) });
		await expectAccessible(page, id);
	});
}

test('the tuned model answers beside the base model in WebLLM', async () => {
	await page.keyboard.press('8');
	const question = 'Sort these words: pear grape mango.';
	await page.getByLabel('Ask both').fill(question);
	await page.getByLabel('Ask both').press('Enter');
	const exchange = page.getByRole('article').filter({ hasText: question });
	// Only complete answers have a score: both are complete.
	await expect(exchange.getByText(/^(0\.\d\d|1\.00)$/)).toHaveCount(2);
	await expect(exchange).toContainText('base');
	await expect(exchange).toContainText('tuned');
	await page.getByLabel('Ask both').blur();
});

test('the tokens of a pair show their shares in its rewards', async () => {
	await page.locator('body').press('6');
	await page.getByRole('button', { name: 'Show the share of each token' }).click();
	await expect(page.getByTitle(/of the reward$/).first()).toBeVisible();
	await expect(page.getByRole('button', { name: 'Measure again' })).toBeVisible();
	await expectAccessible(page, 'token credit');
});

test('the adapter is exported as an archive of the two files that PEFT reads', async () => {
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Export' }).first().click();
	await page.getByText('ZIP of the two files that PEFT reads').filter({ visible: true }).first().click();
	expect((await download).suggestedFilename()).toMatch(/-adapter\.zip$/);
});

test('dark and narrow, every view keeps within the page and without a violation', async () => {
	await page.emulateMedia({ colorScheme: 'dark' });
	await page.setViewportSize({ width: 390, height: 844 });
	for (const [i, { id }] of PIPELINE.entries()) {
		await page.locator('body').press(String(i + 1));
		await page.waitForTimeout(200);
		await page.screenshot({ path: test.info().outputPath(`${id}-dark-390.png`) });
		const overflow = await page.evaluate(() => {
			const widest = [document.documentElement, ...document.querySelectorAll('main, main > *')];
			return Math.max(...widest.map((element) => element.scrollWidth - element.clientWidth));
		});
		expect(overflow, `${id} is wider than the page`).toBeLessThanOrEqual(0);
		await expectAccessible(page, `${id}, dark, narrow`);
	}
	await page.emulateMedia({ colorScheme: 'light' });
	await page.setViewportSize({ width: 1280, height: 800 });
});

test('the run is on the shelf after a reload, and an unfinished run is offered again', async () => {
	await page.reload();
	await page
		.getByRole('link', { name: 'Shelf' })
		.or(page.getByRole('button', { name: 'Shelf' }))
		.first()
		.click();
	await expect(page.getByText(/done|12 steps|step 12/i).first()).toBeVisible();
});

/** Number of writes of each run, by name, from the store itself. */
function editions(target: Page): Promise<Record<string, number>> {
	return target.evaluate(
		() =>
			new Promise((resolve, reject) => {
				const opening = indexedDB.open('anchorage');
				opening.onerror = () => reject(new Error('the database does not open'));
				opening.onsuccess = () => {
					const database = opening.result;
					const rows = database.transaction('summaries').objectStore('summaries').getAll();
					rows.onsuccess = () => {
						database.close();
						const kept = rows.result as { name: string; edition: number }[];
						resolve(Object.fromEntries(kept.map(({ name, edition }) => [name, edition])));
					};
				};
			}),
	);
}

test('a tab with an older copy of a run overwrites nothing, and opens the newer one', async () => {
	const other = await context.newPage();
	for (const tab of [page, other]) {
		await tab.goto('/');
		await tab.getByRole('button', { name: 'Shelf' }).click();
		const runs = tab.getByRole('region', { name: 'Runs', exact: true });
		await runs.getByRole('button', { name: 'Open', exact: true }).click();
		await expect(tab.getByRole('region', { name: 'Now', exact: true })).toContainText('done in');
		await tab.keyboard.press('3');
		await expect(tab.getByRole('group', { name: 'Revision', exact: true })).toBeVisible();
	}
	const [[name, edition] = ['', 0]] = Object.entries(await editions(page));
	await other.keyboard.press('r');
	await expect.poll(async () => (await editions(page))[name]).toBe(edition + 1);
	await page.keyboard.press('j');
	await page.keyboard.press('r');
	const note = page.getByText(
		/was changed in another tab after this tab had read it. Both versions are kept/,
	);
	await expect(note).toBeVisible();
	expect(await editions(page)).toEqual({ [name]: edition + 1, [`${name}, copy`]: expect.any(Number) });
	await page.getByRole('button', { name: `Open the newer ${name}` }).click();
	await expect(note).toHaveCount(0);
	await page.keyboard.press('3');
	const rows = page.getByRole('list', { name: 'Revisions' });
	await expect(rows.getByRole('button', { name: /^set aside/ })).toHaveCount(1);
	await other.close();
});

test('a reviser that refuses the key is named, and the sampled answers are kept', async () => {
	await page.route('https://endpoint.test/**', (route) =>
		route.fulfill({
			status: 401,
			headers: { 'access-control-allow-origin': '*' },
			contentType: 'application/json',
			body: '{"error":{"message":"Incorrect API key"}}',
		}),
	);
	await page.goto('/');
	const remote: Recipe = {
		...SHORT,
		prompts: { ...SHORT.prompts, count: 8 },
		reviser: { ...SHORT.reviser, endpoint: 'https://endpoint.test/v1', model: 'some-model' },
	};
	await openRecipe(page, remote, test.info().outputPath('remote.json'));
	await page.getByRole('button', { name: /Run the loop/ }).click();
	await expect(page.getByText(/401|key/i).first()).toBeVisible({ timeout: 200_000 });
	await expect(page.getByText(/8/).first()).toBeVisible();
	await page.screenshot({ path: test.info().outputPath('error-401.png') });
	await expectAccessible(page, 'refused key');
});
