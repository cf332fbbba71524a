/** A link to a run file: the question, the download from the test's own server, and failures as text. */
import axe from 'axe-core';
import { expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { visit } from '#app/visit.ts';
import recordedFile from '../../public/recorded/loop.run.json.gz?url';
import { openPage } from './support/app.ts';

const ADDRESS = new URL(recordedFile, location.href).href;
const linkTo = (address: string): string => `#open=${encodeURIComponent(address)}&view=loss`;

test('a link asks first, then opens its run in its view', async () => {
	const { session, screen } = await openPage();
	await visit(session, linkTo(ADDRESS));
	const question = screen.getByRole('region', { name: /This link opens a run from/ });
	await expect.element(question.getByText(ADDRESS)).toBeVisible();
	await expect.element(question.getByText(location.origin, { exact: true })).toBeVisible();
	for (const width of [1280, 390]) {
		await page.viewport(width, 800);
		expect((await axe.run(question.element())).violations).toEqual([]);
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
	}
	// The question has the focus, so the next Tab reaches its button.
	await userEvent.keyboard('{Tab}{Enter}');
	await expect.poll(() => session.run.origin, { timeout: 20_000 }).toBe('file');
	await expect.element(question).not.toBeInTheDocument();
	expect(session.view).toBe('loss');
	expect(session.run.madeWith.source?.address).toBe(ADDRESS);
});

test('Escape ends a download that hangs, and the question stays', async () => {
	const { session, screen } = await openPage();
	const aborted = new Promise<void>((resolve) => {
		vi.spyOn(globalThis, 'fetch').mockImplementationOnce(
			(_, init) =>
				new Promise((_, reject) =>
					init?.signal?.addEventListener('abort', () => {
						resolve();
						reject(new DOMException('aborted', 'AbortError'));
					}),
				),
		);
	});
	await visit(session, linkTo(ADDRESS));
	await screen.getByRole('button', { name: 'Download and open' }).click();
	await expect.element(screen.getByRole('button', { name: 'Cancel the download' })).toBeVisible();
	await userEvent.keyboard('{Escape}');
	await aborted;
	await expect.element(screen.getByRole('button', { name: 'Download and open' })).toBeVisible();
	expect(session.runLink.problem).toBeNull();
});

test('nothing of an address or a file is markup, and a refusal leaves the page as it was', async () => {
	const { session, screen } = await openPage();
	await visit(session, linkTo(`${location.origin}/<img src=x onerror=alert(1)>`));
	const question = screen.getByRole('region', { name: /This link opens a run from/ });
	await question.getByRole('button', { name: 'Download and open' }).click();
	await expect.element(question.getByRole('alert')).toBeVisible();
	expect(document.querySelector('img')).toBeNull();
	await question.getByRole('button', { name: 'Do not open it' }).click();
	await expect.element(question).not.toBeInTheDocument();
	expect(session.fresh).toBe(true);
});
