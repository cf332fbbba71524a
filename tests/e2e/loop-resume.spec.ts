import { writeFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { SHORT } from './recipes.ts';

const clock = (page: Page) => page.getByRole('region', { name: 'Now', exact: true });

async function runShort(page: Page, recipeFile: string): Promise<void> {
	writeFileSync(recipeFile, JSON.stringify(SHORT));
	await page.goto('/');
	await page.getByText('All settings').click();
	const [chooser] = await Promise.all([
		page.waitForEvent('filechooser'),
		page.getByRole('button', { name: 'Open a recipe' }).click(),
	]);
	await chooser.setFiles(recipeFile);
	await page.getByRole('button', { name: 'Run the loop' }).click();
}

test('a tab closed in mid-training offers the run again and goes on from its checkpoint', async ({
	page,
}, info) => {
	await runShort(page, info.outputPath('recipe.json'));
	await expect(clock(page)).toContainText(/step [6-9] of 12/, { timeout: 300_000 });
	await page.reload();
	await expect(page.getByText('All that it made is kept on this machine.')).toBeVisible();
	await page.getByRole('button', { name: /^Go on with/ }).click();
	await expect(clock(page)).toContainText('done in', { timeout: 300_000 });
	await expect(page.getByRole('navigation', { name: 'The way of a pair' })).toContainText('12 steps, rank 8');
});
