/** Two runs beside each other: what is read, what an address names, and what a run that cannot be shown says. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { visit } from '#app/visit.ts';
import { runChoices } from '#app/compare/runChoices.ts';
import { Session } from '#app/session.svelte.ts';
import { FormatError, StorageError } from '#core/errors.ts';
import type { RunSummary } from '#core/run/run.ts';
import { createFakes, FakeStore, SMALL } from '#tests/support/fakes.ts';
import { runRecord } from '#tests/support/runs.ts';

/** A store with two finished runs of one world, of other objectives, steps and numbers of held-out prompts. */
async function twoFinished() {
	const store = new FakeStore();
	const ids: string[] = [];
	for (const [id, steps, count] of [
		['apo_zero', 12, 24],
		['dpo', 7, 16],
	] as const) {
		// Ids of the fakes begin again with each session.
		const fakes = createFakes(store);
		const session = new Session({ ...fakes.ports, newId: () => id });
		session.draft.load({
			...SMALL,
			objective: { id, beta: 0.5 },
			training: { ...SMALL.training, steps },
			evaluation: { ...SMALL.evaluation, count },
		});
		await session.startRun();
		ids.push(id);
	}
	const session = new Session(createFakes(store).ports);
	return { session, store, ids };
}

const codes = ({ twoRuns }: Session) => twoRuns.sides.map(({ problem }) => problem?.code ?? null);

describe('two stored runs', () => {
	it('are read with their curves and compared on their common prompts; the page’s own run stays', async () => {
		const { session } = await twoFinished();
		await visit(session, '#run=apo_zero&view=compare&with=dpo');
		const { twoRuns } = session;
		expect(twoRuns.runs?.map(({ steps }) => steps.loss.step)).toEqual([12, 7]);
		expect([session.place, session.fresh, twoRuns.opening]).toEqual(['compare', true, false]);
		expect(twoRuns.heldOut?.rows.map(({ of }) => of)).toEqual(['first', 'second', 'difference']);
		const common = twoRuns.heldOut?.answers.length ?? 0;
		expect(common).toBeGreaterThan(0);
		expect(common).toBeLessThanOrEqual(16);
		twoRuns.mode = 'sampled';
		expect(twoRuns.heldOut?.answers).toHaveLength(common);
	});

	it('have an address that shows them again, also while one is to be chosen', async () => {
		const { session, store } = await twoFinished();
		const steps: string[] = [];
		const { twoRuns } = session;
		await twoRuns.choose('dpo');
		steps.push(session.address);
		await twoRuns.showBeside('apo_zero');
		steps.push(session.address);
		await twoRuns.swap();
		steps.push(session.address);
		await twoRuns.replace(0);
		steps.push(session.address);
		await twoRuns.showBeside('apo_zero');
		expect(steps).toEqual([
			'#run=dpo&view=compare',
			'#run=dpo&view=compare&with=apo_zero',
			'#run=apo_zero&view=compare&with=dpo',
			'#view=compare&with=dpo',
		]);
		expect(session.address).toBe('#run=apo_zero&view=compare&with=dpo');
		for (const address of steps) {
			const again = new Session(createFakes(store).ports);
			await visit(again, address);
			expect(again.address).toBe(address);
			expect(again.twoRuns.sides.map(({ run }) => run?.id ?? null)).toEqual(again.twoRuns.ids);
		}
	});

	it('show the newer state of the run that is open', async () => {
		const { session } = await twoFinished();
		await session.open('dpo');
		session.run.name = 'Renamed a moment ago';
		await session.twoRuns.show('apo_zero', 'dpo');
		expect(session.twoRuns.runs?.[1].name).toBe('Renamed a moment ago');
		expect(session.twoRuns.runs?.[1]).not.toBe(session.run);
	});

	it('that are asked for while others are read are the ones that are shown', async () => {
		const { session } = await twoFinished();
		const slow = session.twoRuns.show('dpo', 'apo_zero');
		await session.twoRuns.show('apo_zero', 'dpo');
		await slow;
		expect(session.twoRuns.runs?.map(({ id }) => id)).toEqual(['apo_zero', 'dpo']);
	});
});

describe('a run that cannot be shown', () => {
	it.each([
		['that is gone', 'run-gone', () => undefined],
		[
			'that is damaged',
			'run-damaged',
			({ store }: { store: FakeStore }) => {
				const read = store.read.bind(store);
				store.read = (id) =>
					id === 'lost'
						? Promise.reject(new FormatError('Its pairs are not usable.', { code: 'run-damaged' }))
						: read(id);
			},
		],
		[
			'that the browser refuses',
			'storage-blocked',
			({ store }: { store: FakeStore }) => {
				const read = store.read.bind(store);
				store.read = (id) =>
					id === 'lost'
						? Promise.reject(new StorageError('Storage is blocked.', { code: 'storage-blocked' }))
						: read(id);
			},
		],
	])('because it is one %s says so beside the other, and another can be chosen', async (_, code, damage) => {
		const { session, store } = await twoFinished();
		damage({ store });
		await session.twoRuns.show('lost', 'dpo');
		expect([codes(session), session.twoRuns.runs]).toEqual([[code, null], null]);
		expect(session.twoRuns.chosen).toBe('dpo');
		await session.twoRuns.showBeside('apo_zero');
		expect(session.address).toBe('#run=apo_zero&view=compare&with=dpo');
		expect(codes(session)).toEqual([null, null]);
	});

	it('because it is the other one says so', async () => {
		const { session } = await twoFinished();
		await session.twoRuns.show('dpo', 'dpo');
		expect([codes(session), session.twoRuns.chosen]).toEqual([[null, 'runs-same'], 'dpo']);
	});

	it('because its recording cannot be fetched says so', async () => {
		const { session } = await twoFinished();
		await session.twoRuns.show('recorded', 'dpo');
		expect(codes(session)).toEqual(['recorded-run-missing', null]);
	});
});

test('a recorded run is fetched once and kept; runs without common prompts are each scored on their own', async () => {
	const { session, store } = await twoFinished();
	let fetched = 0;
	const fakes = createFakes(store);
	fakes.ports.recordedRun = (file) => {
		fetched++;
		return Promise.resolve(new Uint8Array(readFileSync(`public/${file}`)));
	};
	const again = new Session(fakes.ports);
	await again.twoRuns.show('recorded', 'recorded-dpo');
	await again.twoRuns.swap();
	expect([fetched, codes(again)]).toEqual([2, [null, null]]);
	expect(again.twoRuns.heldOut?.answers).toHaveLength(400);
	// A run without any answers beside one with answers.
	await store.write({ ...runRecord('empty'), heldOut: [] });
	await again.twoRuns.show('recorded', 'empty');
	expect(again.twoRuns.heldOut?.rows.map(({ after }) => after?.n ?? null)).toEqual([400, null]);
	expect(again.twoRuns.heldOut?.answers).toEqual([]);
	expect(session.place).toBe('loop');
});

test('the runs of the first run’s grid come first among the choices, and recordings that were not read yet are listed', () => {
	const summary = (id: string, grid?: string) =>
		({
			...{ id, name: id, recipe: SMALL, before: 0.1, after: 0.5 },
			...(grid === undefined ? {} : { grid: { id: grid, key: id } }),
		}) as unknown as RunSummary;
	const runs = [
		summary('own'),
		summary('g1', 'g'),
		summary('g2', 'g'),
		summary('h1', 'h'),
		summary('recorded'),
	];
	const groups = runChoices('g1', runs, [{ id: 'g', name: 'Strength' }]);
	expect(groups.map(({ title, choices }) => [title, choices.length])).toEqual([
		['Runs of the grid “Strength”', 1],
		['Saved runs', 2],
		['Recorded runs', 8],
		['Runs of other grids', 1],
	]);
	expect(groups.flatMap(({ choices }) => choices).some(({ id }) => id === 'g1')).toBe(false);
	expect(runChoices('g1', runs, [])[0]?.title).toBe('Runs of the same grid');
	expect(runChoices(null, [], []).map(({ title }) => title)).toEqual(['Recorded runs']);
});
