import { describe, expect, test } from 'vitest';
import { page as browser, userEvent } from 'vitest/browser';
import { openPage } from './support/app.ts';

async function openDone() {
	const page = await openPage();
	await page.session.startRun();
	await expect.element(page.screen.getByRole('group', { name: 'Evaluation' })).toBeVisible();
	return page;
}

describe('evaluation', () => {
	test.each([1280, 800, 390])('shows the paired differences on a page %i wide', async (width) => {
		const { screen } = await openDone();
		await browser.viewport(width, 900);
		const table = screen.getByRole('table', { name: /by family/ }).element();
		const cells = [...table.querySelectorAll('tbody tr:first-child > *')].map((cell) =>
			cell.getBoundingClientRect(),
		);
		expect(Math.min(...cells.map((cell) => cell.width))).toBeGreaterThan(60);
		const ticks = [...table.querySelectorAll('.ticks span')].map((tick) => tick.getBoundingClientRect());
		const ordered = ticks.toSorted((a, b) => a.left - b.left);
		expect(ordered.every((tick, i) => i === 0 || tick.left >= (ordered[i - 1]?.right ?? 0))).toBe(true);
	});

	test('gives the score before and after with the paired interval, by family and by check', async () => {
		const { session, screen } = await openDone();
		const { comparison, byFamily } = session.steps.evaluation;
		expect(comparison).not.toBeNull();
		await expect.element(screen.getByRole('table', { name: /by family/ })).toBeVisible();
		expect(
			screen
				.getByRole('table', { name: /by family/ })
				.element()
				.querySelectorAll('tbody tr:not([aria-hidden])'),
		).toHaveLength(byFamily.length);
		await screen.getByRole('button', { name: 'by check' }).click();
		await expect.element(screen.getByRole('table', { name: /by check/ })).toBeVisible();
	});

	test('asks both models the same, and the strength is moved by [ and ]', async () => {
		const { session, screen } = await openDone();
		session.sideBySide.setStrength(0.4);
		// The scored answers are of strength 1; the slider is for questions.
		await expect.element(screen.getByText('Tuned, strength 1.00')).toBeVisible();
		session.sideBySide.setStrength(1);
		await screen.getByRole('textbox', { name: 'Ask both' }).fill('Sort these words: pear grape mango.');
		await screen.getByRole('button', { name: 'Ask', exact: true }).click();
		await expect.poll(() => session.sideBySide.exchanges[0]?.tuned.state).toBe('done');
		await expect
			.element(screen.getByRole('heading', { name: 'Sort these words: pear grape mango.' }))
			.toBeVisible();
		(document.activeElement as HTMLElement).blur();
		// [[ is one press of [ in this notation.
		await userEvent.keyboard('[[[[');
		await expect.element(screen.getByRole('slider', { name: 'Adapter strength' })).toHaveValue('0.9');
		await expect.element(screen.getByText('Tuned, strength 1.00')).toBeVisible();
	});

	test('hides which side is which until asked', async () => {
		const { session, screen } = await openDone();
		await session.sideBySide.ask('Sort these words: pear grape mango.');
		await screen.getByRole('button', { name: 'hide which is which' }).click();
		await expect.element(screen.getByText('One of them')).toBeVisible();
		await expect.element(screen.getByText('answer 1:')).toBeInTheDocument();
	});
});
