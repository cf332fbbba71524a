/** Evaluation of a run in a world with untouched families and a panel. */
import axe from 'axe-core';
import { afterEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { Recipe } from '#core/recipe/recipe.ts';
import { runRecord } from '#tests/support/runs.ts';
import { worldRun } from '#tests/support/worldRun.ts';
import { openPage, SMALL } from './support/app.ts';

const RECIPE: Recipe = { ...SMALL, prompts: { ...SMALL.prompts, world: 'instructions' } };

/** The page with a stored run of the world, open at Evaluation. */
async function openWorld({ costly = false } = {}) {
	const run = { ...runRecord('world'), recipe: RECIPE, ...(await worldRun(RECIPE, 20, costly)) };
	const opened = await openPage({ runs: [run] });
	await opened.session.open('world');
	opened.session.show('evaluation');
	await expect.element(opened.screen.getByRole('table', { name: /Scores and side effects/ })).toBeVisible();
	return opened;
}

const sentence = (): string => document.querySelector('.in-short')?.textContent.trim() ?? '';

afterEach(() => {
	delete document.documentElement.dataset['theme'];
});

describe('side effects', () => {
	test('are named in one sentence with their figures', async () => {
		const { screen } = await openWorld();
		expect(sentence()).toMatch(
			/^Held-out score up 0\.\d\d; unrelated answers \d+% shorter; untouched families level\.$/,
		);
		const table = screen.getByRole('table', { name: /Scores and side effects/ });
		await expect.element(table.getByRole('rowheader', { name: 'Held-out 24 prompts' })).toBeVisible();
		await expect
			.element(table.getByRole('rowheader', { name: 'Untouched families 12 prompts' }))
			.toBeVisible();
		await expect.element(table.getByRole('rowheader', { name: 'Unrelated 20 prompts' })).toBeVisible();
		await expect.element(table.getByText('17 of 20 changed')).toBeVisible();
		expect(document.querySelectorAll('table .bad')).toHaveLength(0);
	});

	test('that are costs are said and marked', async () => {
		await openWorld({ costly: true });
		expect(sentence()).toMatch(
			/; but unrelated answers \d+% shorter; unrelated answers odd to the base model/,
		);
		expect(document.querySelectorAll('table .bad')).toHaveLength(2);
	});

	test('all unrelated prompts can be read by keyboard', async () => {
		const { screen } = await openWorld();
		const region = screen.getByRole('region', { name: 'Unrelated prompts' });
		await expect.element(region.getByText('17 of 20 answers changed')).toBeVisible();
		expect(region.element().querySelectorAll('tbody tr')).toHaveLength(3);
		region.getByRole('button', { name: 'all 20' }).element().focus();
		await userEvent.keyboard('{Enter}');
		expect(region.element().querySelectorAll('tbody tr')).toHaveLength(20);
	});

	test.each(['light', 'dark'] as const)('have no violation that axe finds, %s', async (theme) => {
		await openWorld({ costly: true });
		document.documentElement.dataset['theme'] = theme;
		// Backgrounds fade to the theme's colours, and axe measures what it sees.
		await Promise.all(document.getAnimations().map(({ finished }) => finished));
		await document.fonts.ready;
		for (const width of [1280, 390]) {
			await page.viewport(width, 900);
			const { violations } = await axe.run(document, {
				runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
				rules: { 'document-title': { enabled: false }, 'html-has-lang': { enabled: false } },
			});
			const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
			expect(found).toEqual([]);
			expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
		}
	});

	test('do not exist in the tiny world', async () => {
		const { session, screen } = await openPage();
		await session.startRun();
		await expect.element(screen.getByRole('table', { name: /by family/ })).toBeVisible();
		expect(document.querySelector('.in-short')).toBeNull();
		expect(screen.getByRole('region', { name: 'Unrelated prompts' }).query()).toBeNull();
	});
});
