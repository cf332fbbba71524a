/** Grids in the page: defined by keyboard, run, looked at, and left to one of their runs and back. */
import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { openPage } from './support/app.ts';
import { violations } from './support/violations.ts';

test('a grid is defined as a table or as a line, which stay the same', async () => {
	const { session, screen } = await openPage();
	await userEvent.keyboard('v');
	const line = screen.getByLabelText('As a line');
	await screen.getByRole('button', { name: 'β', exact: true }).click();
	await userEvent.fill(screen.getByLabelText('Add values to β'), '0.1, 2');
	await userEvent.keyboard('{Enter}');
	await expect.element(line).toHaveValue('beta: 1, 0.1, 2; seed: 1, 2');
	await expect.element(screen.getByText('6 runs')).toBeVisible();
	await screen.getByRole('button', { name: 'Remove 1 from β' }).click();
	await expect.element(line).toHaveValue('beta: 0.1, 2; seed: 1, 2');

	// Letters in a closed list pass over other choices on their way to one.
	await screen.getByRole('button', { name: 'objective', exact: true }).click();
	await userEvent.keyboard('dpo');
	await expect.element(line).toHaveValue('beta: 0.1, 2; objective: apo_zero; seed: 1, 2');
	await userEvent.keyboard('{Enter}');
	await expect.element(line).toHaveValue('beta: 0.1, 2; objective: apo_zero, dpo; seed: 1, 2');

	await userEvent.fill(line, 'data: clair, on_policy_judge; judge.noise: 0, 1; seed: 1');
	await expect.element(screen.getByText('The cells “CLAIR, noise 0” and “CLAIR, noise 1”')).toBeVisible();
	await screen.getByLabelText(/Leave these 2 cells out/).click();
	await expect.element(screen.getByText('2 runs')).toBeVisible();
	expect(session.gridPlace.draft.check.problem).toBeNull();
	expect(await violations()).toEqual([]);
	await page.viewport(390, 844);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);

	await userEvent.fill(line, 'beta: 0.1, x; sead: 1');
	await expect.element(screen.getByText(/Column 15: there is no setting “sead”/)).toBeVisible();
	await expect.element(screen.getByRole('button', { name: /Run the grid/ })).toBeDisabled();
});

test('a grid runs, shows its results, and its runs open with a way back', async () => {
	const { session, screen } = await openPage();
	session.gridPlace.vary();
	session.gridPlace.draft.line = 'objective: dpo, apo_zero; seed: 1';
	await screen.getByRole('button', { name: /Run the grid/ }).click();
	await expect.poll(() => session.grids.current?.state, { timeout: 30_000 }).toBe('done');
	await expect.element(screen.getByRole('heading', { name: 'Change of the held-out score' })).toBeVisible();
	expect(await violations()).toEqual([]);

	const cells = screen.getByRole('list', { name: 'Cells' }).getByRole('button');
	await screen.getByRole('button', { name: /^DPO: / }).click();
	await expect.element(cells.nth(0)).toHaveFocus();
	await expect.element(screen.getByRole('heading', { name: 'DPO', exact: true })).toBeVisible();
	await userEvent.keyboard('{ArrowRight}c');
	await expect.element(screen.getByRole('heading', { name: 'APO-zero', exact: true })).toBeVisible();
	await expect.element(screen.getByText('The same cell with another')).toBeVisible();
	await userEvent.keyboard('{Escape}');
	await expect.element(screen.getByRole('button', { name: /Clone with one change/ })).toHaveFocus();
	await userEvent.keyboard('{Enter}');
	await page.viewport(390, 844);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1280, 800);

	await screen.getByRole('button', { name: 'Open seed 1' }).click();
	await expect.poll(() => session.place).toBe('loop');
	expect(session.run.recipe.objective.id).toBe('apo_zero');
	await screen.getByRole('button', { name: 'Back to the grid' }).click();
	await expect.element(screen.getByRole('heading', { name: 'objective', exact: true })).toBeVisible();
});
