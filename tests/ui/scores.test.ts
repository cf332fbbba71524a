/** Wherever the page shows the score of an answer, the checks that make it are one focus away. */
import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { View } from '#app/address.ts';
import { scoreAnswer } from '#core/world/registry.ts';
import { openPage } from './support/app.ts';

const SCORE = /^[01]\.\d\d$/;

/** Explanations of all scores on the page, in its order. */
function explanations(within: Element): string[] {
	return [...within.querySelectorAll('button')]
		.filter((button) => button.checkVisibility() && SCORE.test(button.textContent.trim()))
		.map((button) => {
			button.focus();
			const note = document.getElementById(button.getAttribute('aria-describedby') ?? '');
			expect(note?.matches(':popover-open')).toBe(true);
			return note?.innerText ?? '';
		});
}

test('a focus on a score tells its checks with weight and reason, in every view that shows one', async () => {
	const { session, screen } = await openPage();
	await session.startRun();
	const pair = session.tracked.pair!;
	const reasons = (text: string): string[] =>
		scoreAnswer(pair.prompt.text, text)!.checks.map(({ name, passed, weight, reason }) => {
			const [got, of] = [passed ? weight : 0, weight].map((value) => value.toFixed(2));
			return `${name}, ${got!} of ${of!}. ${reason}`;
		});
	const main = screen.getByRole('main').element();
	const shown: Partial<Record<View, readonly string[]>> = {
		output: [session.tracked.output!.text],
		revision: [pair.rejected, pair.chosen],
		pair: [pair.rejected, pair.chosen],
	};
	for (const [view, texts] of Object.entries(shown)) {
		session.show(view as View);
		await expect.poll(() => explanations(main).length, { message: view }).toBe(texts.length);
		for (const [i, note] of explanations(main).entries())
			for (const reason of reasons(texts[i]!)) expect(note).toContain(reason);
	}
	for (const view of ['overview', 'evaluation'] as const) {
		session.show(view);
		await expect.poll(() => explanations(main).length, { message: view }).toBeGreaterThan(3);
		for (const note of explanations(main)) expect(note).toMatch(/, \d\.\d\d of \d\.\d\d\. \S/);
	}
	await userEvent.keyboard('m');
	const dialog = screen.getByRole('dialog', { name: 'One prompt, four data methods' });
	await expect.poll(() => explanations(dialog.element()).length).toBe(2);
	expect(explanations(dialog.element())[1]).toContain(reasons(pair.chosen)[0]);
});

test('an explanation stays with a score that the keyboard scrolls into sight', async () => {
	const { session, screen } = await openPage();
	await page.viewport(390, 400);
	await session.startRun();
	session.show('overview');
	const scores = screen.getByRole('region', { name: 'Current answers' }).getByRole('button', { name: SCORE });
	await expect.poll(() => scores.elements().length).toBeGreaterThan(3);
	scrollTo(0, 0);
	const last = scores.elements().at(-1) as HTMLElement;
	last.focus();
	await expect.poll(() => scrollY).toBeGreaterThan(0);
	await new Promise(requestAnimationFrame);
	const note = document.getElementById(last.getAttribute('aria-describedby') ?? '');
	expect(note?.matches(':popover-open')).toBe(true);
	const [at, beside] = [last.getBoundingClientRect(), note!.getBoundingClientRect()];
	expect(Math.min(Math.abs(beside.top - at.bottom), Math.abs(at.top - beside.bottom))).toBeLessThan(10);
});
