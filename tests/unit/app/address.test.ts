/** The address of the page: what it names is shown, also after a reload, and Back and Forward lead through it. */
import { describe, expect, it, test } from 'vitest';
import { isSamePlace, readAddress, writeAddress } from '#app/address.ts';
import { Session } from '#app/session.svelte.ts';
import { visit } from '#app/visit.ts';
import { StorageError } from '#core/errors.ts';
import { readGrid } from '#core/grid/grid.ts';
import { readGridLine } from '#core/grid/line.ts';
import { gridLink } from '#core/grid/link.ts';
import { recipeLink } from '#core/recipe/link.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { createFakes, FakeStore, SMALL } from '#tests/support/fakes.ts';
import { runRecord } from '#tests/support/runs.ts';

const NOWHERE = {
	file: null,
	run: null,
	grid: null,
	view: null,
	step: null,
	pair: null,
	set: null,
	with: null,
};

test.each([
	['', NOWHERE],
	['#run=3f2a', { ...NOWHERE, run: '3f2a' }],
	['#run=3f2a&view=loss', { ...NOWHERE, run: '3f2a', view: 'loss' }],
	['#run=3f2a&view=recipe', { ...NOWHERE, run: '3f2a', view: 'recipe' }],
	['#view=grids&grid=7c1e', { ...NOWHERE, view: 'grids', grid: '7c1e' }],
	['#view=grids', { ...NOWHERE, view: 'grids' }],
	['#view=compare', { ...NOWHERE, view: 'compare' }],
	['#run=3f2a&view=compare', { ...NOWHERE, run: '3f2a', view: 'compare' }],
	['#run=3f2a&view=compare&with=81bd', { ...NOWHERE, run: '3f2a', view: 'compare', with: '81bd' }],
	['#view=shelf', { ...NOWHERE, view: 'shelf' }],
	['#view=shelf&set=9c1e', { ...NOWHERE, view: 'shelf', set: '9c1e' }],
	['#run=3f2a&view=shelf&set=9c1e', { ...NOWHERE, run: '3f2a', view: 'shelf', set: '9c1e' }],
	['#run=3f2a&step=0', { ...NOWHERE, run: '3f2a', step: 0 }],
	[
		'#run=3f2a&view=overview&step=37&pair=w-1.p2',
		{ ...NOWHERE, run: '3f2a', view: 'overview', step: 37, pair: 'w-1.p2' },
	],
	[
		'#open=https%3A%2F%2Fa.example%2Fx.gz&view=loss&step=3',
		{ ...NOWHERE, file: 'https://a.example/x.gz', view: 'loss', step: 3 },
	],
] as const)('the fragment “%s” names one address', (fragment, address) => {
	expect(readAddress(fragment)).toEqual(address);
	expect(writeAddress(address)).toBe(fragment);
});

test.each([
	'#',
	'#x',
	'#run=',
	'#view=constructor',
	'#view=',
	'#?run',
	'#%E0%A4%A',
	'#step=3&pair=x',
	'#set=a',
	'#with=a',
])('the fragment “%s” names the first page', (fragment) => expect(readAddress(fragment)).toEqual(NOWHERE));

test.each(['-1', '1.5', '1e9', 'x', '', ' 3'])('a step of “%s” counts as absent', (step) => {
	expect(readAddress(`#run=a&step=${encodeURIComponent(step)}`).step).toBeNull();
});

test('a move between steps or pairs of one view is no new place', () => {
	expect(isSamePlace('#run=a&view=loss&step=3', '#run=a&view=loss&pair=x')).toBe(true);
	expect(isSamePlace('#run=a&view=loss', '#run=a')).toBe(false);
	expect(isSamePlace('#view=shelf&set=a', '#view=shelf')).toBe(false);
	expect(isSamePlace('#run=a&view=compare&with=b', '#run=a&view=compare&with=c')).toBe(false);
});

/** A session with a finished run, and its store for another session. */
async function finished() {
	const store = new FakeStore();
	const session = new Session(createFakes(store).ports);
	session.draft.load(SMALL);
	await session.startRun();
	return { session, store };
}

describe('a reload', () => {
	it.each([
		['the view that the user chose', (session: Session) => session.show('loss')],
		['no chosen view', (session: Session) => session.followWork()],
		[
			'the step and the pair that the user chose',
			(session: Session) => {
				session.show('overview');
				session.run.cursor.seek(5);
				session.tracked.another();
			},
		],
		['the recipe over the run', (session: Session) => session.change()],
		['the shelf', (session: Session) => session.openShelf()],
	])('shows the same run with %s', async (_, go) => {
		const { session, store } = await finished();
		go(session);
		const again = new Session(createFakes(store).ports);
		await visit(again, session.address);
		expect(again.address).toBe(session.address);
		expect(again.run.id).toBe(session.run.id);
		expect(again.run.player.transport).toBe('done');
		expect([again.place, again.editing, again.view]).toEqual([session.place, session.editing, session.view]);
		expect([again.run.cursor.shown, again.tracked.pairId]).toEqual([
			session.run.cursor.shown,
			session.tracked.pairId,
		]);
	});

	it('shows the unfinished run, which can be resumed', async () => {
		const store = new FakeStore();
		const fakes = createFakes(store);
		const session = new Session(fakes.ports);
		session.draft.load(SMALL);
		fakes.reviser.before = () => {
			if (fakes.reviser.asked === 6) session.run.player.stop();
		};
		await session.startRun();
		const again = new Session(createFakes(store).ports);
		await visit(again, session.address);
		expect(again.run.status.sentence).toContain('Stopped while revising');
		await again.resume();
		expect(again.run.player.transport).toBe('done');
	});

	it('of a step and a pair that the run does not have shows the newest and the first', async () => {
		const { session, store } = await finished();
		const again = new Session(createFakes(store).ports);
		await visit(again, `#run=${session.run.id ?? ''}&view=loss&step=400&pair=nobody`);
		expect([again.run.cursor.step, again.tracked.pairId]).toEqual([null, session.tracked.pairId]);
		expect(again.address).toBe(`#run=${session.run.id ?? ''}&view=loss`);
	});

	it('of a deleted run shows the shelf, which says so', async () => {
		const { session, store } = await finished();
		const { address } = session;
		await session.remove(session.run.id ?? '');
		expect([session.fresh, session.place, session.draft.base]).toEqual([true, 'shelf', null]);
		const again = new Session(createFakes(store).ports);
		await visit(again, address);
		expect([again.fresh, again.opening, again.address]).toEqual([true, false, '#view=shelf']);
		// The list is read meanwhile.
		await again.start();
		expect(again.library.error?.code).toBe('run-gone');
		again.openShelf();
		expect(again.library.error).toBeNull();
	});
});

describe('Back', () => {
	it('from a run leads to the first page, with the recipe and without marks of a change', async () => {
		const { session } = await finished();
		const run = session.address;
		await visit(session, '');
		expect([session.fresh, session.place, session.address]).toEqual([true, 'loop', '']);
		expect(session.draft.recipe).toEqual(SMALL);
		session.draft.set('lora', 'rank', 4);
		expect(session.draft.changes).toEqual([]);
		await visit(session, run);
		expect(session.address).toBe(run);
	});

	it('from an active run leads to its recipe, and it goes on', async () => {
		const fakes = createFakes();
		const session = new Session(fakes.ports);
		session.draft.load(SMALL);
		const before = await finished();
		fakes.target.before = async () => {
			fakes.target.before = () => undefined;
			await visit(session, '');
			expect([session.fresh, session.editing, session.obstacle]).toEqual([false, true, 'running']);
			await visit(session, before.session.address);
			expect([session.place, session.files.error?.code]).toEqual(['shelf', 'run-active']);
		};
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
	});

	it('from a run that the store refused leads to its recipe, because closing would lose it', async () => {
		const store = new FakeStore();
		store.error = new StorageError('The disk is full.', { code: 'storage-full' });
		const session = new Session(createFakes(store).ports);
		session.draft.load(SMALL);
		await session.startRun();
		expect(session.run.unsaved).not.toBeNull();
		await visit(session, '');
		expect([session.fresh, session.editing]).toEqual([false, true]);
	});
});

describe('a run that is still read', () => {
	/** A page that reads the run `slow` for as long as `release` is not called, and the run `quick` at once. */
	async function reading() {
		const store = new FakeStore();
		for (const id of ['slow', 'quick']) await store.write(runRecord(id));
		const read = store.read.bind(store);
		let release = (): void => undefined;
		const released = new Promise<void>((resolve) => (release = resolve));
		store.read = async (id) => {
			if (id === 'slow') await released;
			return read(id);
		};
		const session = new Session(createFakes(store).ports);
		return { session, slow: visit(session, '#run=slow'), release };
	}

	it('does not replace a run that was asked for later', async () => {
		const { session, slow, release } = await reading();
		await visit(session, '#run=quick&view=loss');
		release();
		await slow;
		expect(session.address).toBe('#run=quick&view=loss');
	});

	it.each(['', '#view=shelf'])('is not opened after Back to “%s”', async (address) => {
		const { session, slow, release } = await reading();
		await visit(session, address);
		release();
		await slow;
		expect([session.fresh, session.opening]).toEqual([true, false]);
	});

	it('is opened if nothing else is asked for', async () => {
		const { session, slow, release } = await reading();
		release();
		await slow;
		expect(session.address).toBe('#run=slow');
	});
});

it('of a recipe is a link, not a run', async () => {
	const session = new Session(createFakes().ports);
	const link = await recipeLink({ ...DEFAULT_RECIPE, objective: { id: 'dpo', beta: 0.3 } }, '');
	await visit(session, link);
	expect([session.address, session.draft.recipe.objective.id]).toEqual(['', 'dpo']);
});

it('before any run, a view is named as not yet there until a run is opened', async () => {
	const session = new Session(createFakes().ports);
	session.draft.load(SMALL);
	session.show('loss');
	expect([session.unopened, session.address]).toEqual(['loss', '']);
	await session.startRun();
	expect([session.unopened, session.view]).toEqual([null, 'overview']);
});

describe('an edited recipe', () => {
	it('is there again after a reload of the tab, for the same run, without a key in an address', async () => {
		const { session, store } = await finished();
		const kept = new Map<string, string>();
		const tabMemory = {
			read: (name: string) => kept.get(name) ?? null,
			write: (name: string, value: string | null) => void kept.set(name, value ?? ''),
		};
		const reload = async (): Promise<Session> => {
			const again = new Session({ ...createFakes(store).ports, tabMemory });
			await visit(again, session.address);
			again.restoreDraft();
			return again;
		};
		session.change();
		const before = await reload();
		before.draft.set('reviser', 'endpoint', 'https://user:secret@example.org/v1');
		before.rememberDraft(before.draft.recipe);
		const after = await reload();
		expect(after.draft.changes.map(({ path }) => path)).toEqual(['reviser.endpoint']);
		expect(JSON.stringify([...kept])).not.toContain('secret');
		// Not for the first page, and not if it is no recipe.
		const fresh = new Session({ ...createFakes(store).ports, tabMemory });
		fresh.restoreDraft();
		expect(fresh.draft.recipe).toEqual(DEFAULT_RECIPE);
		kept.set('anchorage.draft', '{"run":null,"recipe":{"schema":1}}');
		fresh.restoreDraft();
		expect(fresh.draft.recipe).toEqual(DEFAULT_RECIPE);
	});
});

test('a grid is shown over the open run by its address, and leaves it open', async () => {
	const { session } = await finished();
	const run = session.address;
	const grid = await session.grids.create(readGrid(readGridLine('beta: 0.1, 1; seed: 1, 2')));
	session.gridPlace.show();
	expect(session.address).toBe(`#view=grids&grid=${grid?.id ?? ''}`);
	session.gridPlace.showDraft();
	expect(session.address).toBe('#view=grids');
	await visit(session, `#view=grids&grid=${grid?.id ?? ''}`);
	expect([session.place, session.grids.current]).toEqual(['grids', grid]);
	await visit(session, run);
	expect([session.place, session.address]).toEqual(['loop', run]);
});

test('a grid that is no longer stored says so at the top of the definition of a new one', async () => {
	const { session } = await finished();
	await visit(session, '#view=grids&grid=gone');
	const { place, address, gridPlace } = session;
	expect([place, address, gridPlace.origin, gridPlace.problem?.code]).toEqual([
		'grids',
		'#view=grids',
		'top',
		'grid-gone',
	]);
});

test('a link to a grid shows it as a draft, and starts nothing', async () => {
	const session = new Session(createFakes(new FakeStore()).ports);
	const grid = readGrid({ ...readGridLine('beta: 0.1, 1; seed: 1, 2'), name: 'Strength' });
	await visit(session, new URL(await gridLink(grid, 'https://a.example/')).hash);
	expect([session.place, session.grids.current, session.gridPlace.draft.title]).toEqual([
		'grids',
		null,
		'Strength',
	]);
	expect(session.gridPlace.draft.line).toBe('beta: 0.1, 1; seed: 1, 2');
	await visit(session, '#grid=broken');
	expect([session.gridPlace.origin, session.gridPlace.problem?.code]).toEqual(['top', 'link-broken']);
});
