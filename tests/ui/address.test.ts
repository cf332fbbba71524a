/** The page's address names the open run and the chosen view, and a view that is in use stays. */
import { afterEach, describe, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { keepAddress } from '#ui/frame/keepAddress.svelte.ts';
import { shownView } from '#ui/frame/view.ts';
import { openHeldAt, openPage } from './support/app.ts';

describe('the address', () => {
	let end = (): void => undefined;
	afterEach(() => {
		end();
		history.replaceState(null, '', location.pathname + location.search);
	});

	test('follows the user, and Back and Forward lead through it', async () => {
		const { session, screen } = await openPage();
		end = keepAddress(session, window);
		await session.startRun();
		await expect.poll(() => location.hash).toBe('#run=run-1');
		await userEvent.keyboard('3');
		await expect.poll(() => location.hash).toBe('#run=run-1&view=revision');
		await screen.getByRole('button', { name: 'Shelf' }).click();
		await expect.poll(() => location.hash).toBe('#run=run-1&view=shelf');
		history.back();
		await expect.element(screen.getByRole('group', { name: 'Revision', exact: true })).toBeVisible();
		history.back();
		await expect.poll(() => session.pinned).toBe(false);
		history.back();
		await expect.element(screen.getByRole('button', { name: /Run the loop/ })).toBeVisible();
		history.forward();
		await expect.element(screen.getByRole('button', { name: 'Change one thing, run again' })).toBeVisible();
		expect(location.hash).toBe('#run=run-1');
	});
});

describe('the view', () => {
	test('in which the user works is not replaced when the next step starts', async () => {
		const { session, screen, release } = await openHeldAt(4);
		const running = session.startRun();
		await expect.poll(() => session.steps.loss.step).toBe(4);
		await screen.getByRole('main').click({ position: { x: 4, y: 4 } });
		release();
		await running;
		expect(session.run.player.transport).toBe('done');
		expect(shownView(session)).toBe('overview');
	});

	test('that is asked for by its key before any run is named as not yet there', async () => {
		const { session, screen } = await openPage();
		await userEvent.keyboard('3');
		const note = screen.getByText(/No run is open, so there is nothing to show in Revision yet/);
		await expect.element(note).toBeVisible();
		await session.startRun();
		await expect.element(note).not.toBeInTheDocument();
	});
});
