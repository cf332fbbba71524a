/** On a phone every control is 44 px tall, except those within running text, and words that only show their explanation. */
import { PIPELINE } from '#core/pipeline.ts';
import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { openPage } from './support/app.ts';

/** True if text is beside the control in the same element: it is a word of a sentence. */
function inRunningText(control: Element): boolean {
	const holder =
		control.parentElement?.tagName === 'LABEL' ? control.parentElement.parentElement : control.parentElement;
	const words = [...(holder?.childNodes ?? [])].filter((node) => node.nodeType === Node.TEXT_NODE);
	return holder?.closest('p, small') != null || words.some((node) => (node.textContent ?? '').trim() !== '');
}

function isExplained(control: Element): boolean {
	return control.nextElementSibling?.getAttribute('role') === 'tooltip';
}

function tooSmall(): string[] {
	const controls = [...document.querySelectorAll('main button, main select, main input, .dock button')];
	return controls
		.filter((control) => {
			const { width, height } = control.getBoundingClientRect();
			const shown = width > 1 && height > 1;
			return (
				shown &&
				height < 43.5 &&
				!control.matches('[type=checkbox]') &&
				!isExplained(control) &&
				!inRunningText(control)
			);
		})
		.map(
			(control) =>
				`${(control.getAttribute('aria-label') ?? control.textContent).trim()} ${control.getBoundingClientRect().height}`,
		);
}

test('targets are large enough for a thumb, in every view', async () => {
	const { session, screen } = await openPage();
	await page.viewport(390, 844);
	expect(tooSmall(), 'first page').toEqual([]);
	await session.startRun();
	for (const [i, { id, title }] of [{ id: 'overview', title: 'Overview' }, ...PIPELINE].entries()) {
		await userEvent.keyboard(String(i));
		await expect.poll(() => session.view).toBe(id);
		// The view before it may be drawn for another frame.
		await expect.element(screen.getByRole('group', { name: title, exact: true })).toBeVisible();
		await expect.poll(tooSmall, { message: id }).toEqual([]);
	}
});

test('a long name without spaces makes no page wider than the screen', async () => {
	const { session } = await openPage();
	await page.viewport(390, 844);
	await session.startRun();
	await session.run.rename('x'.repeat(100));
	await session.library.refresh();
	for (const place of ['loop', 'shelf'] as const) {
		session.place = place;
		await expect.poll(() => document.documentElement.textContent).toContain('x'.repeat(100));
		const wide = [...document.querySelectorAll('main, main *')]
			.filter(
				(element) =>
					element.getBoundingClientRect().right > 391 && element.closest('.visually-hidden') === null,
			)
			.map((element) => `${element.tagName} ${element.getAttribute('class') ?? ''}`);
		expect(wide, place).toEqual([]);
	}
});
