/** Lecture, and the presets for demos on the first page. */
import axe from 'axe-core';
import { afterEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { openPage } from './support/app.ts';

afterEach(() => {
	delete document.documentElement.dataset['size'];
});

test('a preset sets the sizes of the recipe, and says them', async () => {
	const { session, screen } = await openPage({}, DEFAULT_RECIPE);
	await screen.getByRole('button', { name: 'two minutes' }).click();
	expect(session.draft.recipe.training.steps).toBe(30);
	await expect.element(screen.getByText(/80 prompts, 30 steps, 60 held out/)).toBeVisible();
	await screen.getByRole('button', { name: 'Measure how long it takes here' }).click();
	await expect.poll(() => session.estimate, { timeout: 20_000 }).not.toBeNull();
	await expect.element(screen.getByText(/by the times of a measurement with 8 prompts/)).toBeVisible();
	expect(session.library.runs).toEqual([]);
});

test('a lecture folds the controls, and is left by its button or its key', async () => {
	const { session, screen } = await openPage();
	await session.startRun();
	session.show('overview');
	const folded = screen.getByRole('button', { name: 'why it moves' });
	await expect.element(folded).toBeVisible();
	await userEvent.keyboard('l');
	expect(location.search).toContain('mode=lecture');
	await expect.element(folded).not.toBeInTheDocument();
	await screen.getByRole('button', { name: 'Controls of Rewards' }).click();
	await expect.element(folded).toBeVisible();
	expect((await axe.run(document.querySelector('main')!)).violations).toEqual([]);
	await page.viewport(390, 844);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await screen.getByRole('button', { name: 'Leave the lecture' }).click();
	expect(location.search).not.toContain('mode=lecture');
	await userEvent.keyboard('ll');
	expect(document.documentElement.dataset['size']).toBeUndefined();
});
