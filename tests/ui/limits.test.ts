/** Settings out of range, rows that a run left out, and curves that follow a run. */
import { describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { promptTooLong, rowFault } from '#core/batch/rowFaults.ts';
import { recipeLink } from '#core/recipe/link.ts';
import { withValue } from '#ui/recipe/settings.ts';
import { openPage, SMALL } from './support/app.ts';

describe('a recipe with unusual numbers', () => {
	test('from a link with 5,000 tokens runs', async () => {
		const { session, screen } = await openPage();
		const link = await recipeLink(withValue(SMALL, 'sampling.maxTokens', 5000), 'http://localhost/');
		await session.openLink(new URL(link).hash);
		await screen.getByRole('button', { name: 'Run the loop' }).click();
		await expect.poll(() => session.run.player.transport).toBe('done');
		expect(session.run.recipe.sampling.maxTokens).toBe(5000);
	});

	test('out of range is unfolded, marked, named and focused, and does not run', async () => {
		const { session, screen } = await openPage({}, withValue(SMALL, 'optimiser.learningRate', 1e308));
		const control = screen.getByRole('spinbutton', { name: 'Optimiser: learning rate' });
		await expect.element(control).toBeVisible();
		await expect.element(control).toHaveAttribute('aria-invalid', 'true');
		await expect.element(screen.getByText(/between 1e-12 and 1000, not 1e\+308/)).toBeVisible();
		await expect.element(screen.getByText(/correct “optimiser: learning rate” first/)).toBeVisible();
		await screen.getByRole('button', { name: 'Show what is wrong' }).click();
		await expect.element(control).toHaveFocus();
		expect(session.fresh).toBe(true);
		(document.activeElement as HTMLElement).blur();
		await screen.getByRole('button', { name: 'Show “optimiser: learning rate”' }).click();
		await expect.element(control).toHaveFocus();
		await userEvent.fill(control, '0.004');
		await userEvent.keyboard('{Tab}');
		await expect.element(control).toHaveAttribute('aria-invalid', 'false');
		expect(session.obstacle).toBeNull();
	});

	test('that lies in a closed fold and is typed wrong is unfolded by Run', async () => {
		const { session, screen } = await openPage();
		const fold = document.querySelector('details')!;
		fold.open = true;
		const control = screen.getByRole('spinbutton', { name: 'Sampling: longest answer' });
		// Without a change event, as while the field is being edited.
		(control.element() as HTMLInputElement).value = '0';
		fold.open = false;
		await screen.getByRole('button', { name: 'Run the loop' }).click();
		await expect.element(control).toBeVisible();
		expect(session.fresh).toBe(true);
	});
});

describe('after a run', () => {
	test('curves have its last step, and rows that were left out are named', async () => {
		const { session, screen } = await openPage();
		await session.startRun();
		session.show('overview');
		const loss = screen.getByRole('slider', { name: 'Loss', exact: true });
		await expect.element(loss).toHaveAttribute('aria-valuenow', '11');
		const { evaluation, prompt } = session.steps;
		const lost = prompt.heldOut[2]!;
		const leftOut = [rowFault(lost.id, promptTooLong(712, 511))];
		evaluation.restore(evaluation.results.map((result) => ({ ...result, leftOut })));
		session.show('evaluation');
		await screen.getByText('1 of 24 held-out prompts is left out of the score').click();
		await expect.element(screen.getByText(/^held-out prompt 3, “/)).toBeVisible();
		await expect.element(screen.getByText(/too long: 712 tokens, limit 511/)).toBeVisible();
		await page.viewport(1280, 800);
	});

	test('curves follow while it trains', async () => {
		const { session, screen } = await openPage();
		await session.startRun();
		session.show('overview');
		const loss = screen.getByRole('slider', { name: 'Loss', exact: true });
		await expect.element(loss).toHaveAttribute('aria-valuenow', '11');
		// A second run in the same page has lists of its own.
		session.change();
		session.draft.set('training', 'steps', 5);
		await session.startRun();
		session.show('overview');
		await expect.element(loss).toHaveAttribute('aria-valuenow', '4');
	});
});
