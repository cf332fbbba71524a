/** The bar of steps and Present, by keyboard alone. */
import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { openPage } from './support/app.ts';

async function finished() {
	await page.viewport(1280, 800);
	const { session, screen } = await openPage();
	await session.startRun();
	session.show('overview');
	const bar = screen.getByRole('slider', { name: 'Shown step' });
	await expect.element(bar).toBeVisible();
	return { session, screen, says: () => bar.element().getAttribute('aria-valuetext') };
}

test('the bar of steps moves by keys, plays by Space, and names the steps of answers and adapter', async () => {
	const { session, screen, says } = await finished();
	const { steps } = session.recipe.training;
	expect(says()).toMatch(new RegExp(`^step ${steps} of`));
	await userEvent.keyboard(',,,');
	await expect.poll(says).toMatch(new RegExp(`^step ${steps - 3} of ${steps}; `));
	await expect.element(screen.getByText(/answers.*of step/)).toBeVisible();
	await userEvent.keyboard('.');
	expect(session.run.cursor.shown).toBe(steps - 2);
	await userEvent.keyboard(' ');
	await expect.element(screen.getByRole('button', { name: 'Stop playing' })).toBeVisible();
	await userEvent.keyboard(' ');
	await expect.element(screen.getByRole('button', { name: 'Play the training' })).toBeVisible();
});

test('Present shows one region on the whole screen, and Escape leaves it', async () => {
	const { screen } = await finished();
	const region = screen.getByRole('region', { name: 'Rewards' });
	region.getByRole('button', { name: 'Present Rewards' }).element().focus();
	await userEvent.keyboard('f');
	await expect.poll(() => region.element().matches(':popover-open')).toBe(true);
	const { width, height } = region.element().getBoundingClientRect();
	expect([width, height]).toEqual([window.innerWidth, window.innerHeight]);
	await expect.element(screen.getByRole('slider', { name: 'Shown step' })).toBeVisible();
	await userEvent.keyboard('{Escape}');
	await expect.poll(() => region.element().matches(':popover-open')).toBe(false);
	expect(document.documentElement.dataset['presents']).toBeUndefined();
});
