/** Imports with real engines: a recipe from a link, and existing pairs. */
import { expect, test } from '@playwright/test';
import { recipeLink } from '../../src/core/recipe/link.ts';
import type { Recipe } from '../../src/core/recipe/recipe.ts';
import { reviseAnswer } from '../../src/core/world/tiny/revise.ts';
import { worldPrompts } from '../../src/core/world/tiny/prompts.ts';
import { SHORT } from './recipes.ts';

test('the link of a recipe opens on a new page as the same recipe', async ({ page, context }) => {
	await page.goto(await recipeLink({ ...SHORT, objective: { id: 'dpo', beta: 0.3 } }, '/'));
	await expect(page.getByText('This recipe came from a link.')).toBeVisible();
	await page.getByRole('button', { name: 'Share this recipe' }).click();
	const field = page.getByRole('textbox', { name: 'Link to this recipe' });
	await expect(field).toHaveValue(/#recipe=/);
	const other = await context.newPage();
	await other.goto(await field.inputValue());
	await expect(other.getByRole('combobox', { name: /^Objective/ })).toHaveValue('dpo');
	await expect(other.getByRole('spinbutton', { name: /^Beta/ })).toHaveValue('0.3');
	await expect(other.getByRole('spinbutton', { name: /^Prompts/ })).toHaveValue('48');
	await expect(other.getByRole('spinbutton', { name: /^Steps/ })).toHaveValue('12');
	await other.goto('about:blank');
	await other.goto('/#recipe=bVLBbhQx');
	await expect(other.getByText(/The recipe in this link is damaged/)).toBeVisible();
	await expect(other.getByRole('button', { name: /Run the loop/ })).toBeEnabled();
});

test('a run trains on imported pairs, and WebLLM answers the held-out prompts', async ({ page }) => {
	const recipe: Recipe = {
		...SHORT,
		pairs: { ...SHORT.pairs, method: 'imported' },
		training: { ...SHORT.training, steps: 8, evaluateEvery: 0 },
		evaluation: { ...SHORT.evaluation, count: 6, engine: 'webllm' },
	};
	const train = worldPrompts({ count: 40, seed: 3, split: 'train', families: ['past-tense', 'sorting'] });
	const heldOut = worldPrompts({ count: 6, seed: 3, split: 'heldOut', families: ['past-tense', 'sorting'] });
	const rows = [...train, ...heldOut].map(({ text }) => ({
		prompt: [{ role: 'user', content: text }],
		chosen: [{ role: 'assistant', content: reviseAnswer(text, 'I do not know.', 1)?.revised }],
		rejected: [{ role: 'assistant', content: 'I do not know.' }],
	}));
	const requests: string[] = [];
	page.on('request', (request) => requests.push(request.url()));
	await page.goto(await recipeLink(recipe, '/'));
	await expect(page.getByText('import yours below')).toBeVisible();
	const lines = ['{broken', ...rows.map((row) => JSON.stringify(row))].join('\n');
	await page
		.locator('input[type=file][accept*=jsonl]')
		.setInputFiles({ name: 'mine.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(lines) });
	await expect(page.getByText('46 pairs imported from mine.jsonl, 1 row left out.')).toBeVisible();
	await page.getByRole('button', { name: /Run the loop/ }).click();
	await expect(page.getByRole('button', { name: /Change one thing, run again/ }).first()).toBeVisible({
		timeout: 400_000,
	});
	await page.keyboard.press('8');
	await expect(page.getByText(/of the pairs in order/)).toBeVisible();
	await expect(page.getByText('Answered by WebLLM')).toBeVisible();
	await page.screenshot({ path: test.info().outputPath('own-pairs-evaluation.png') });
	await page.keyboard.press('4');
	await page.screenshot({ path: test.info().outputPath('own-pairs.png') });
	expect(requests.filter((url) => url.endsWith('/v1/chat/completions'))).toEqual([]);
});
