/** Lessons on the recorded run and on a recipe. */
import axe from 'axe-core';
import { afterEach, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { firstLoop } from '#core/lesson/lessons/firstLoop.ts';
import { LESSONS } from '#core/lesson/registry.ts';
import { shownView } from '#ui/frame/view.ts';
import recordedFile from '../../public/recorded/loop.run.json.gz?url';
import { openPage } from './support/app.ts';

async function withRecording() {
	const bytes = new Uint8Array(await (await fetch(recordedFile)).arrayBuffer());
	return openPage({ recordedRun: () => Promise.resolve(bytes) });
}

afterEach(() => {
	sessionStorage.clear();
});

test('a lesson opens its run, and each point shows its view and its region', async () => {
	const { session, screen } = await withRecording();
	await screen.getByRole('button', { name: firstLoop.title }).click();
	const bar = screen.getByRole('region', { name: 'Lesson' });
	await expect.element(bar.getByText('1 of 6')).toBeVisible();
	await expect.poll(() => session.run.id).toBe('recorded');
	for (const [i, point] of firstLoop.points.entries()) {
		await expect.element(bar.getByText(`${i + 1} of 6`)).toBeVisible();
		expect(shownView(session)).toBe(point.view);
		if (point.region !== undefined)
			await expect.element(screen.getByRole('region', { name: point.region, exact: true })).toBeVisible();
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
	const { session, screen } = await withRecording();
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

test('a lesson with a recipe fills in the recipe and waits for its run', async () => {
	const { session, screen } = await withRecording();
	const lesson = LESSONS.find(({ id }) => id === 'wrong-tool')!;
	await screen.getByRole('button', { name: lesson.title }).click();
	expect(session.draft.recipe.objective.id).toBe('apo_down');
	expect(session.fresh).toBe(true);
	const bar = screen.getByRole('region', { name: 'Lesson' });
	await bar.getByRole('button', { name: 'Next' }).click();
	await expect.element(bar.getByText('2 of 5')).toBeVisible();
	expect(session.fresh).toBe(true);
});
