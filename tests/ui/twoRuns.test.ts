/** Two runs beside each other, reached from the Shelf by keyboard and from a grid. */
import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { runRecord } from '#tests/support/runs.ts';
import { openPage } from './support/app.ts';
import { violations } from './support/violations.ts';

/** Addresses of the recorded runs, by their paths in the repository. */
const FILES = import.meta.glob<string>('../../public/recorded/*.gz', {
	query: '?url',
	import: 'default',
	eager: true,
});

async function recordedRun(file: string): Promise<Uint8Array<ArrayBuffer>> {
	const response = await fetch(FILES[`../../public/${file}`] ?? '');
	return new Uint8Array(await response.arrayBuffer());
}

const focused = (): string => document.activeElement?.textContent.trim() ?? '';

test('two recorded runs are chosen on the Shelf by keyboard, and shown with everything in which they differ', async () => {
	const { session, screen } = await openPage({ recordedRun });
	session.openShelf();
	const about = 'CLAIR pairs, APO-zero, seed 1: the default recipe';
	const row = screen.getByRole('listitem').filter({ hasText: about });
	const compare = row.getByRole('button', { name: 'Compare' });
	await expect.element(compare).toBeVisible();
	(compare.element() as HTMLElement).focus();
	await userEvent.keyboard('{Enter}');
	const choosing = 'Compare “Recorded run” with …';
	await expect.element(screen.getByRole('heading', { name: choosing })).toBeVisible();
	await expect.poll(focused).toBe(choosing);
	await userEvent.keyboard('{Tab}clair dpo,');
	await expect.element(screen.getByText('1 run', { exact: true }).first()).toBeVisible();
	await userEvent.keyboard('{Tab}{Tab}{Enter}');

	await expect.element(screen.getByText('objective: APO-zero ↔ DPO', { exact: true })).toBeVisible();
	await expect.poll(focused).toBe('Two runs beside each other');
	expect(session.address).toBe('#run=recorded&view=compare&with=recorded-dpo');
	// It belongs to the saved runs, and leads back to them.
	const shelf = screen.getByRole('navigation', { name: 'Places' }).getByRole('button', { name: 'Shelf' });
	await expect.element(shelf).toHaveAttribute('aria-current', 'true');
	await expect.element(screen.getByText(/Both runs have the same 400 held-out prompts/)).toBeVisible();
	const scores = screen.getByRole('region', { name: 'Held-out scores' });
	await expect.element(scores.getByRole('row', { name: /B − A same answers −0\.13/ })).toBeVisible();
	await expect.poll(() => document.querySelectorAll('.plane').length).toBe(2);

	// One cursor: the curves and both planes show its step.
	const curve = screen.getByRole('slider', { name: 'Rewards of A and B' });
	(curve.element() as HTMLElement).focus();
	await userEvent.keyboard('{Home}');
	await expect
		.element(curve)
		.toHaveAttribute(
			'aria-valuetext',
			expect.stringMatching(/^step 0: A chosen 0\.00, B chosen 0\.00, A rej/),
		);
	await expect.element(screen.getByText('step 0', { exact: true })).toBeVisible();
	const [first] = screen.getByRole('slider', { name: /^Pairs on the plane/ }).elements();
	expect(first?.getAttribute('aria-valuetext')).toContain('margin 0.00');

	const answers = screen.getByRole('table', {
		name: 'Answers of Recorded run and Recorded run, DPO',
	});
	await answers.getByRole('button', { name: 'B − A' }).click();
	await expect
		.element(answers.getByRole('columnheader', { name: 'B − A' }))
		.toHaveAttribute('aria-sort', 'ascending');
	expect(answers.getByRole('row').nth(1).element().textContent.trim()).toMatch(/−\d\.\d\d$/);
	expect(await violations()).toEqual([]);
	document.documentElement.dataset['theme'] = 'dark';
	expect(await violations()).toEqual([]);
	delete document.documentElement.dataset['theme'];
	await page.viewport(390, 844);
	await expect.poll(() => document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	const [a, b] = [...document.querySelectorAll('.plane')].map((plane) => plane.getBoundingClientRect());
	expect(b!.top).toBeGreaterThan(a!.bottom);
});

test('a run of a grid is compared with another one of the grid', async () => {
	const { session, screen } = await openPage();
	session.gridPlace.vary();
	session.gridPlace.draft.line = 'objective: dpo, apo_zero; seed: 1';
	await screen.getByRole('button', { name: /Run the grid/ }).click();
	await expect.poll(() => session.grids.current?.state, { timeout: 30_000 }).toBe('done');
	await screen.getByRole('button', { name: 'compare with … another run: DPO, seed 1' }).click();
	const others = screen.getByRole('region', { name: /^Runs of the grid/ });
	await expect.element(others.getByText('objective: DPO ↔ APO-zero')).toBeVisible();
	await others.getByRole('button', { name: 'Compare' }).click();
	await expect.element(screen.getByText('objective: DPO ↔ APO-zero', { exact: true })).toBeVisible();
	await expect.element(screen.getByText(/Both runs have the same 24 held-out prompts/)).toBeVisible();
	await screen.getByRole('button', { name: 'swap A and B' }).click();
	await expect.element(screen.getByText('objective: APO-zero ↔ DPO', { exact: true })).toBeVisible();
	await screen.getByRole('button', { name: 'open' }).first().click();
	await expect.poll(() => session.run.recipe.objective.id).toBe('apo_zero');
	expect(session.place).toBe('loop');
});

test('a run without training, without answers or without a record is named in its place', async () => {
	const empty = {
		...runRecord('empty'),
		heldOut: [],
		phase: 'sampling' as const,
	};
	const { session, screen } = await openPage({ recordedRun, runs: [empty] });
	await session.twoRuns.show('recorded', 'empty');
	for (const sentence of [
		'Not finished: B (0 of 100 steps).',
		'B has not answered its held-out prompts.',
		'B has not trained, so only A has curves of training.',
		'B has not trained, so none of its pairs has moved.',
		'There is no held-out prompt that both runs answered after training.',
	])
		await expect.element(screen.getByText(sentence)).toBeVisible();
	expect(await violations()).toEqual([]);

	await session.twoRuns.show('gone', 'recorded');
	const alert = screen.getByRole('alert');
	await expect.element(alert).toBeVisible();
	expect(alert.element().textContent).toContain('A, gone: This run is no longer stored in this browser.');
	await expect.element(screen.getByRole('heading', { name: 'Compare “Recorded run” with …' })).toBeVisible();
});
