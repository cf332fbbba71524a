/** A grid whose endpoint fails, and the list of grids while one is changed, with doubles of the engines. */
import { describe, expect, test } from 'vitest';
import { RemoteError } from '#core/errors.ts';
import { SMALL } from '#tests/support/fakes.ts';
import { create, gridOf, page, run, statuses, trains } from '#tests/support/gridPage.ts';

describe('an endpoint that fails', () => {
	test('pauses the grid after the first run that fails of it, and the grid continues when asked', async () => {
		const reviser = { ...SMALL.reviser, endpoint: 'https://api.example.org/v1', model: 'm' };
		const made = await page();
		const grid = await create(
			made,
			gridOf({ base: { ...SMALL, reviser }, vary: { objective: ['apo_zero', 'dpo'], seed: [1, 2] } }),
		);
		const refused = new RemoteError('The key was refused.', {
			code: 'endpoint-key-refused',
			hint: 'Change it.',
		});
		made.reviser.failAt = () => refused;
		await grid.start();
		expect(grid.state).toBe('paused');
		expect(statuses(grid).filter((status) => status === 'failed')).toHaveLength(1);
		expect(grid.error?.message).toContain('a run failed at its endpoint: The key was refused.');
		made.reviser.failAt = () => null;
		await grid.start();
		expect(grid.state).toBe('done');
		expect(statuses(grid)).toEqual(['failed', 'done', 'done', 'done']);
		expect(grid.error).toBeNull();
	});
});

describe('the list of grids', () => {
	test('has the name, the runs and the state that this tab knows', async () => {
		const made = await page();
		const grid = await create(made);
		const row = () => made.session.grids.list[0]!;
		expect(row()).toMatchObject({ runs: 4, done: 0, state: 'planned' });
		await grid.rename('Another');
		await grid.addSeeds([3]);
		expect(row()).toMatchObject({ name: 'Another', runs: 6 });
		const played = grid.start();
		await trains(grid, 0);
		const { key, runId } = run(grid, 0);
		expect(made.session.grids.holds({ id: grid.id, key })).toBe(true);
		await played;
		expect(row()).toMatchObject({ done: 6, state: 'done' });
		expect(row().runIds).toContain(runId);
		expect(made.session.grids.holds({ id: grid.id, key })).toBe(false);
		expect(made.session.grids.holds({ id: 'another', key })).toBe(false);
	});
});
