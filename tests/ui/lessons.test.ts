/** Lessons on recorded runs. */
import axe from 'axe-core';
import { afterEach, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { isRegionOf } from '#core/lesson/lesson.ts';
import { firstLoop } from '#core/lesson/lessons/firstLoop.ts';
import { wrongTool } from '#core/lesson/lessons/wrongTool.ts';
import { shownView } from '#ui/frame/view.ts';
import { openPage } from './support/app.ts';

/** Addresses of the recorded runs, by their paths in the repository. */
const FILES = import.meta.glob<string>('../../public/recorded/*.gz', {
	query: '?url',
	import: 'default',
	eager: true,
});

async function withRecordings() {
	return openPage({
		recordedRun: async (file) => {
			const response = await fetch(FILES[`../../public/${file}`] ?? '');
			return new Uint8Array(await response.arrayBuffer());
		},
	});
}

afterEach(() => {
	sessionStorage.clear();
});

test('a lesson opens its run, and each point shows its view and its region', async () => {
	const { session, screen } = await withRecordings();
	await screen.getByRole('button', { name: firstLoop.title }).click();
	const bar = screen.getByRole('region', { name: 'Lesson' });
	await expect.element(bar.getByText('1 of 6')).toBeVisible();
	await expect.poll(() => session.run.id).toBe('recorded');
	for (const [i, point] of firstLoop.points.entries()) {
		await expect.element(bar.getByText(`${i + 1} of 6`)).toBeVisible();
		expect(shownView(session)).toBe(point.view);
		await expect
			.poll(() => document.querySelector('[data-pointed] :is(h2, h3)')?.textContent.trim() ?? '')
			.toSatisfy((title: string) => isRegionOf(point, title));
		expect(bar.element().textContent).not.toMatch(/[{}…]/);
		if (i < firstLoop.points.length - 1) {
			bar.getByRole('button', { name: 'Next' }).element().focus();
			await userEvent.keyboard('{Enter}');
		}
	}
	const { violations } = await axe.run(bar.element());
	expect(violations).toEqual([]);
	await bar.getByRole('button', { name: 'Done' }).click();
	await expect.element(bar).not.toBeInTheDocument();
	expect(session.run.id).toBe('recorded');
});

test('a lesson blocks nothing, and leads back to its view', async () => {
	const { session, screen } = await withRecordings();
	await screen.getByRole('button', { name: firstLoop.title }).click();
	const bar = screen.getByRole('region', { name: 'Lesson' });
	await expect.poll(() => session.run.id).toBe('recorded');
	await userEvent.keyboard('6');
	expect(shownView(session)).toBe('loss');
	await bar.getByRole('button', { name: 'show it' }).click();
	expect(shownView(session)).toBe('output');
	await bar.getByRole('button', { name: 'leave' }).click();
	expect(session.lessons.current).toBeNull();
});

test('a lesson shows another run by one click, keeps the figures of its point, and leads back to its run', async () => {
	const { session, screen } = await withRecordings();
	await screen.getByRole('button', { name: wrongTool.title }).click();
	const bar = screen.getByRole('region', { name: 'Lesson' });
	const next = () => bar.getByRole('button', { name: 'Next' }).click();
	await expect.poll(() => session.run.id).toBe('recorded-apo-down');
	await next();
	await next();
	await expect.element(bar.getByText('3 of 6')).toBeVisible();
	const text = () => bar.element().querySelector('.text')?.textContent ?? '';
	await expect.poll(text).toMatch(/from 0\.38 to 0\.\d\d/);
	const own = text();
	await bar.getByRole('radio', { name: 'APO-zero' }).click({ force: true });
	await expect.poll(() => session.run.id).toBe('recorded');
	expect(text()).toBe(own);
	expect(shownView(session)).toBe('evaluation');
	await bar.getByRole('button', { name: 'show it' }).click();
	await expect.poll(() => session.run.id).toBe('recorded-apo-down');
	await next();
	await next();
	await expect.poll(() => session.run.id).toBe('recorded');
	expect(text()).toContain('The same pairs with APO-zero');
	// The last point names the change of the sampled answers, and its region shows them; the point before shows greedy ones.
	await next();
	await expect.poll(() => session.run.id).toBe('recorded-worse-winners');
	const region = screen.getByRole('region', { name: 'Held-out score' });
	await expect.element(region.getByRole('radio', { name: 'Sampled' })).toBeChecked();
	await expect.poll(() => region.element().textContent).toContain('−0.09');
	expect(text()).toContain('−0.09, 95% interval −0.12 to −0.06');
	await bar.getByRole('button', { name: 'Back' }).click();
	await expect.poll(() => session.run.id).toBe('recorded');
	await expect.element(region.getByRole('radio', { name: 'Greedy' })).toBeChecked();
});

test('of a long list a point marks only the run’s own entry', async () => {
	const { session, screen } = await withRecordings();
	await screen.getByRole('button', { name: wrongTool.title }).click();
	await expect.poll(() => session.run.id).toBe('recorded-apo-down');
	const marked = () => document.querySelector('[data-pointed]')?.textContent ?? '';
	await expect.poll(marked).toMatch(/^\s*APO-down, this run/);
});
