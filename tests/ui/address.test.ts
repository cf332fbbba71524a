/** The page's address names the open run and the chosen view, and a view that is in use stays. */
import { describe, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { keepAddress, type AddressedPage } from '#ui/frame/keepAddress.svelte.ts';
import { shownView } from '#ui/frame/view.ts';
import { openHeldAt, openPage } from './support/app.ts';

/** A window with a history of its own: Back in the test's frame would lead out of the test. */
class Tab implements AddressedPage {
	readonly #entries = [''];
	#at = 0;
	#follow = (): void => undefined;
	readonly location = { pathname: '/', search: '', hash: '' };
	readonly history = {
		pushState: (_: unknown, __: string, url: string): void => {
			this.#entries.splice(++this.#at, Infinity, url.slice(1));
			this.location.hash = url.slice(1);
		},
		replaceState: (_: unknown, __: string, url: string): void => {
			this.#entries[this.#at] = this.location.hash = url.slice(1);
		},
	};
	addEventListener(_: 'hashchange', listener: () => void): void {
		this.#follow = listener;
	}
	removeEventListener(): void {
		this.#follow = () => undefined;
	}
	go(by: 1 | -1): void {
		this.#at += by;
		this.location.hash = this.#entries[this.#at] ?? '';
		this.#follow();
	}
}

test('the address follows the user, and Back and Forward lead through it', async () => {
	const { session, screen } = await openPage();
	const tab = new Tab();
	const end = keepAddress(session, tab);
	const expectAddress = (hash: string) => expect.poll(() => tab.location.hash).toBe(hash);
	await session.startRun();
	await expectAddress('#run=run-1');
	await userEvent.keyboard('3');
	await expectAddress('#run=run-1&view=revision');
	await screen.getByRole('button', { name: 'Shelf' }).click();
	await expectAddress('#run=run-1&view=shelf');
	tab.go(-1);
	await expect.element(screen.getByRole('group', { name: 'Revision', exact: true })).toBeVisible();
	tab.go(-1);
	await expect.element(screen.getByRole('group', { name: 'Evaluation', exact: true })).toBeVisible();
	tab.go(-1);
	await expect.element(screen.getByRole('button', { name: /Run the loop/ })).toBeVisible();
	tab.go(1);
	await expect.element(screen.getByRole('button', { name: /Change one thing, run again/ })).toBeVisible();
	expect(tab.location.hash).toBe('#run=run-1');
	end();
});

describe('the view', () => {
	test('of a run that is opened again is the overview, which has a button of its own', async () => {
		const { session, screen } = await openPage();
		await session.startRun();
		const { id } = session.run;
		expect(shownView(session)).toBe('evaluation');
		const overview = screen.getByRole('button', { name: 'Overview' });
		await overview.click();
		expect(shownView(session)).toBe('overview');
		session.close();
		await session.open(id ?? '');
		expect(shownView(session)).toBe('overview');
		await expect.element(overview).toHaveAttribute('aria-current', 'page');
	});

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
