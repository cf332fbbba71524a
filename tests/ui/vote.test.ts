/** The blind vote on held-out answers. */
import axe from 'axe-core';
import { afterEach, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { Recipe } from '#core/recipe/recipe.ts';
import { runRecord } from '#tests/support/runs.ts';
import { worldRun } from '#tests/support/worldRun.ts';
import { openPage, SMALL } from './support/app.ts';

const RECIPE: Recipe = { ...SMALL, prompts: { ...SMALL.prompts, world: 'instructions' } };

async function openEvaluation() {
	const run = { ...runRecord('world'), recipe: RECIPE, ...(await worldRun(RECIPE, 20, false)) };
	const opened = await openPage({ runs: [run] });
	await opened.session.open('world');
	opened.session.show('evaluation');
	const region = opened.screen.getByRole('region', { name: 'Blind vote' });
	await expect.element(region).toBeVisible();
	return { ...opened, region };
}

afterEach(() => {
	delete document.documentElement.dataset['theme'];
});

test('keys vote in the ballot, and open no view', async () => {
	const { session, region } = await openEvaluation();
	const { headToHead } = session.steps.evaluation;
	region.getByRole('button', { name: 'Vote' }).element().focus();
	await userEvent.keyboard('{Enter}');
	await expect.element(region.getByRole('group', { name: 'Ballot' })).toHaveFocus();
	expect(region.element().textContent).not.toMatch(/base|tuned/);
	await userEvent.keyboard('120');
	expect(headToHead.votes).toHaveLength(3);
	expect(headToHead.votes.at(-1)?.winner).toBe('tie');
	await userEvent.keyboard('z');
	expect(headToHead.votes).toHaveLength(2);
	expect(session.view).toBe('evaluation');
	await region.getByRole('button', { name: 'stop and count' }).click();
	await expect.element(region.getByText('win rate by your votes', { exact: false })).toBeVisible();
	await expect.element(region.getByRole('button', { name: 'Go on voting' })).toBeVisible();
});

test.each(['light', 'dark'])('has no axe violation in %s', async (theme) => {
	const { region } = await openEvaluation();
	document.documentElement.dataset['theme'] = theme;
	await region.getByRole('button', { name: 'Vote' }).click();
	await expect.element(region.getByRole('group', { name: 'Ballot' })).toBeVisible();
	const { violations } = await axe.run(region.element());
	expect(violations).toEqual([]);
});

test('a judge gives the win rate, says its bias, and another bias is another judge', async () => {
	const { session, screen, region: vote } = await openEvaluation();
	const region = screen.getByRole('region', { name: 'Win rate by a judge' });
	await expect.element(region.getByText('Judge:', { exact: false })).toBeVisible();
	await region.getByRole('button', { name: 'Ask the judge about', exact: false }).click();
	await expect.element(region.getByText('adds 0.05 for each word', { exact: false })).toBeVisible();
	await expect.element(region.getByText('Position bias:', { exact: false })).toBeVisible();
	await expect.element(region.getByText('Every pair has a verdict', { exact: false })).toBeVisible();
	expect(session.run.winRate.judged).toBe(session.run.winRate.rows.length);
	for (const theme of ['light', 'dark']) {
		document.documentElement.dataset['theme'] = theme;
		expect((await axe.run(region.element())).violations).toEqual([]);
	}
	await region.getByRole('slider', { name: 'Length bias, per word' }).fill('0.2');
	expect(session.run.winRate.judged).toBe(0);
	await expect
		.element(region.getByRole('button', { name: 'Ask the judge about', exact: false }))
		.toBeVisible();
	await expect.element(vote).toBeVisible();
});
