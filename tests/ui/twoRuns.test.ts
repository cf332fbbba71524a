/** Two runs beside each other, reached from a grid, and runs that lack a part. */
import { expect, test } from 'vitest';
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

test('a run of a grid is compared with another one of the grid', async () => {
	const { session, screen } = await openPage();
	session.gridPlace.vary();
	session.gridPlace.draft.line = 'objective: dpo, apo_zero; seed: 1';
	await screen.getByRole('button', { name: /Run the grid/ }).click();
	await expect.poll(() => session.grids.current?.state, { timeout: 30_000 }).toBe('done');
	await screen.getByRole('button', { name: 'Compare dpo, seed 1 with another run' }).click();
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
	const empty = { ...runRecord('empty'), heldOut: [], phase: 'sampling' as const };
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
