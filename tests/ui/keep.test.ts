import { describe, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { openPage } from './support/app.ts';

describe('the shelf', () => {
	test('names every run that an export lacks, also two with the same sentence', async () => {
		const { session, screen } = await openPage();
		await screen.getByRole('button', { name: 'Shelf' }).click();
		const sentence = 'Run: The checkpoint of step 20 is cut off.';
		session.data.leftOut = [sentence, sentence];
		await expect
			.poll(() => document.body.textContent.split(`Not in the export: ${sentence}`).length - 1)
			.toBe(2);
	});

	test('exports everything by keyboard: the focus stays, and the file is named', async () => {
		const { screen } = await openPage();
		await screen.getByRole('button', { name: 'Shelf' }).click();
		const button = screen.getByRole('button', { name: 'Export everything' });
		button.element().focus();
		await userEvent.keyboard('{Enter}');
		await expect.element(screen.getByText(/^Saved as anchorage-.*\.zip\.$/)).toBeVisible();
		await expect.element(button).toHaveFocus();
	});

	test('deletes the open run, and returns to the first page', async () => {
		const { session, screen, store } = await openPage();
		await session.startRun();
		await screen.getByRole('button', { name: 'Shelf' }).click();
		await screen.getByRole('button', { name: 'Delete', exact: true }).click();
		await screen.getByRole('button', { name: /for good$/ }).click();
		await expect.element(screen.getByText(/No runs yet/)).toBeVisible();
		expect([store.runs.size, session.fresh]).toEqual([0, true]);
		await screen.getByRole('button', { name: 'Loop' }).click();
		await expect.element(screen.getByRole('button', { name: /Run the loop/ })).toBeVisible();
	});

	test('keeps a run, renames it, and deletes it only when asked twice', async () => {
		const first = await openPage();
		await first.session.startRun();
		const run = first.store.runs.get('run-1');
		await first.screen.unmount();
		const { screen, store } = await openPage({ runs: [run!] });
		await screen.getByRole('button', { name: 'Shelf' }).click();
		await screen.getByRole('button', { name: 'Rename' }).click();
		await screen.getByRole('textbox', { name: /New name/ }).fill('My first run');
		await userEvent.keyboard('{Enter}');
		await expect.element(screen.getByText('My first run')).toBeVisible();
		await screen.getByRole('button', { name: 'Delete' }).click();
		expect(store.runs.size).toBe(1);
		await screen.getByRole('button', { name: 'Delete My first run for good' }).click();
		await expect.element(screen.getByText(/No runs yet/)).toBeVisible();
		expect(store.runs.size).toBe(0);
	});

	test('a run opened from it offers to load the model, and then answers', async () => {
		const first = await openPage();
		await first.session.startRun();
		const run = first.store.runs.get('run-1');
		await first.screen.unmount();
		const { screen } = await openPage({ runs: [run!] });
		await screen.getByRole('button', { name: 'Shelf' }).click();
		const runs = screen.getByRole('region', { name: 'Runs', exact: true });
		await runs.getByRole('button', { name: 'Open' }).click();
		await userEvent.keyboard('2');
		const field = screen.getByRole('textbox', { name: 'Say something to the model' });
		await expect.element(field).toBeDisabled();
		screen.getByRole('button', { name: 'Load the model' }).element().focus();
		await userEvent.keyboard('{Enter}');
		await expect.element(field).toBeEnabled();
		await expect.element(field).toHaveFocus();
		await field.fill('Hello there');
		await userEvent.keyboard('{Enter}');
		await expect.element(screen.getByText('I read: Hello there')).toBeVisible();
		await expect.element(screen.getByRole('button', { name: 'Load the model' })).not.toBeInTheDocument();
	});

	test('an unfinished run is offered again on the first page', async () => {
		const first = await openPage();
		await first.session.startRun();
		const run = { ...first.store.runs.get('run-1')!, phase: 'training' as const, name: 'Unfinished' };
		await first.screen.unmount();
		const { session, screen } = await openPage({ runs: [run] });
		await screen.getByRole('button', { name: 'Only look' }).click();
		await expect.poll(() => session.run.id).toBe('run-1');
		await expect.element(screen.getByText('Unfinished', { exact: true }).first()).toBeVisible();
	});
});

describe('a run that another tab changed', () => {
	test('is not overwritten: the page names its copy, and opens the newer one', async () => {
		const { session, screen, store } = await openPage();
		await session.startRun();
		const kept = await store.read('run-1');
		const [first, second] = kept!.revisions;
		// As another tab: reads the run and writes a decision.
		await store.write({
			...kept!,
			revisions: [{ ...first!, state: 'set-aside' }, ...kept!.revisions.slice(1)],
		});
		session.steps.revision.setAside(second!.id);
		await expect
			.element(screen.getByText(/was changed in another tab.*Both versions are kept/))
			.toBeVisible();
		expect(
			[...store.runs.values()].map(({ revisions }) => revisions.map(({ state }) => state).slice(0, 2)),
		).toEqual([
			['set-aside', second!.state],
			[first!.state, 'set-aside'],
		]);
		await screen.getByRole('button', { name: /Open the newer/ }).click();
		await expect.poll(() => session.run.id).toBe('run-1');
		expect(session.steps.revision.rows[0]?.state).toBe('set-aside');
		await expect.element(screen.getByText(/was changed in another tab/)).not.toBeInTheDocument();
	});
});

describe('the looks', () => {
	test('theme and size are switched on the root, and kept', async () => {
		const { screen } = await openPage();
		const before = document.documentElement.dataset['theme'];
		await screen.getByRole('button', { name: /theme/ }).click();
		await expect.poll(() => document.documentElement.dataset['theme']).not.toBe(before);
		expect(localStorage.getItem('anchorage-theme')).toBe(document.documentElement.dataset['theme']);
		await screen.getByRole('button', { name: 'Lecture', exact: true }).click();
		await expect.poll(() => document.documentElement.dataset['size']).toBe('lecture');
		expect(location.search).toContain('mode=lecture');
		await screen.getByRole('button', { name: 'Leave the lecture' }).click();
	});

	test('? lists all keys, and they can be switched off', async () => {
		const { session, screen } = await openPage();
		await userEvent.keyboard('?');
		await expect.element(screen.getByRole('dialog', { name: 'Keys' })).toBeVisible();
		await screen.getByRole('checkbox', { name: 'Switch single keys off' }).click();
		await userEvent.keyboard('{Escape}');
		await session.startRun();
		await userEvent.keyboard('3');
		expect(session.pinned).toBe(false);
	});
});
