/** Named sets of pairs: in the browser's own database, and on the page from “Keep as a set” to a run that trains on it. */
import axe from 'axe-core';
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { BrowserRunStore } from '#runtime/storage/runStore.ts';
import { BrowserSetStore } from '#runtime/storage/setStore.ts';
import { deleteDatabase, failure } from '#tests/support/browserStorage.ts';
import { runRecord } from '#tests/support/runs.ts';
import { keptSet, setPair } from '#tests/support/setPairs.ts';
import { openPage, SMALL } from './support/app.ts';

const NAME = 'test-sets';
const SET = keptSet('Mine', [setPair('a', 'went', 'goed'), setPair('b', 'x', 'y')], { id: 'one' });

describe('the store', () => {
	let store: BrowserSetStore;
	beforeEach(async () => {
		await deleteDatabase(NAME);
		store = new BrowserSetStore(NAME);
	});
	afterEach(() => store.close());

	test('reads a set back as it was written, also after a reload and under a new name', async () => {
		await store.write(SET, null);
		await store.rename('one', 'Renamed');
		await store.close();
		const later = new BrowserSetStore(NAME);
		expect(await later.read('one')).toEqual({ ...SET, name: 'Renamed' });
		expect((await later.survey()).sets).toMatchObject([{ id: 'one', name: 'Renamed', pairs: 2 }]);
		// An edit keeps the name that was given in between.
		await later.write({ ...SET, sha256: 'b'.repeat(64) }, SET.sha256);
		expect(await later.read('one')).toMatchObject({ name: 'Renamed', sha256: 'b'.repeat(64) });
		expect(await failure(later.write(SET, SET.sha256))).toMatchObject({ code: 'set-overtaken' });
		await later.remove('one');
		expect(await later.survey()).toEqual({ sets: [], damaged: [] });
		expect(await failure(later.write(SET, SET.sha256))).toMatchObject({ code: 'set-deleted' });
		await later.close();
	});

	test('lists a damaged set with its reason, and the others', async () => {
		await store.write(SET, null);
		await store.write({ ...SET, id: 'two', name: 'Other' }, null);
		await store.close();
		const database = await openDB(NAME);
		await database.put('sets', { id: 'two', text: '{"schema": 1' });
		await database.delete('setSummaries', 'two');
		await database.delete('setSummaries', 'one');
		database.close();
		const { sets, damaged } = await store.survey();
		expect(sets).toMatchObject([{ id: 'one', name: 'Mine' }]);
		expect(damaged).toMatchObject([{ id: 'two' }]);
		expect(await failure(store.read('two'))).toMatchObject({ code: 'set-damaged' });
	});

	test('a database of the version before it keeps its runs', async () => {
		const old = await openDB(NAME, 2, {
			upgrade(database) {
				database.createObjectStore('runs', { keyPath: 'id' });
				database.createObjectStore('summaries', { keyPath: 'id' });
				database.createObjectStore('checkpoints', { keyPath: ['runId', 'step'] });
				database.createObjectStore('blobs');
			},
		});
		await old.put('runs', { id: 'a', text: JSON.stringify(runRecord('a')) });
		old.close();
		await store.write(SET, null);
		const runs = new BrowserRunStore({ name: NAME, blobs: 'database' });
		expect((await runs.survey()).runs).toMatchObject([{ id: 'a' }]);
		await runs.close();
	});
});

async function expectAccessible(): Promise<void> {
	await document.fonts.ready;
	await Promise.all(document.getAnimations().map((animation) => animation.finished));
	const { violations } = await axe.run(document, {
		rules: { 'document-title': { enabled: false }, 'html-has-lang': { enabled: false } },
	});
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual(
		[],
	);
}

test('a run’s pairs are kept, filtered, edited and trained on, by keyboard', async () => {
	const { session, screen } = await openPage();
	await session.startRun();
	session.show('pair');
	await screen.getByRole('button', { name: 'Keep as a set' }).click();
	await userEvent.keyboard('A set{Enter}');
	await expect.element(screen.getByText(/Kept as “A set”: \d+ pairs/)).toBeVisible();
	await screen.getByRole('button', { name: 'Keep as a set' }).click();
	await userEvent.keyboard('First set{Enter}');
	await screen.getByRole('button', { name: 'rename it “First set”' }).click();
	await expect.element(screen.getByText(/are kept already, as “First set”/)).toBeVisible();
	await screen.getByRole('button', { name: 'Open it' }).click();
	await expect.element(screen.getByRole('heading', { name: 'First set' })).toHaveFocus();
	const all = session.imported.sets.opened?.set.pairs.length ?? 0;

	await screen.getByRole('button', { name: 'Edit this pair' }).click();
	await userEvent.fill(screen.getByRole('textbox', { name: 'chosen' }), 'Edited answer.');
	await userEvent.keyboard('{Control>}{Enter}{/Control}');
	await expect.element(screen.getByText(/Edited by hand\. Before/)).toBeVisible();
	await userEvent.fill(screen.getByRole('searchbox', { name: 'Search the set' }), 'edited answer');
	await expect.element(screen.getByText(`1 of ${all}`)).toBeVisible();
	await expectAccessible();
	await page.viewport(390, 800);
	await expectAccessible();
	await page.viewport(1280, 800);

	await screen.getByRole('button', { name: 'Use in a run' }).click();
	await expect.element(screen.getByText(/The set “First set”: \d+ pairs will train/)).toBeVisible();
	expect(session.draft.recipe.pairs).toMatchObject({ method: 'imported', set: { name: 'First set' } });
	expect(session.draft.recipe.prompts.source).toBe(SMALL.prompts.source);
	await session.startRun();
	expect(session.run.failure).toBeNull();
	expect(session.steps.pair.pairs.some(({ chosen }) => chosen === 'Edited answer.')).toBe(true);
});

test('a recipe whose set is not here says which one, and what to do', async () => {
	const { session, screen } = await openPage();
	session.draft.load({
		...SMALL,
		pairs: { minJaccard: 0, method: 'imported', set: { name: 'Theirs', sha256: 'c'.repeat(64) } },
	});
	await expect
		.element(screen.getByText(/trains on the set “Theirs”, which is not in this browser/))
		.toBeVisible();
	await expect.element(screen.getByRole('button', { name: /Run the loop/ })).toBeDisabled();
	await screen.getByRole('button', { name: 'make pairs by CLAIR' }).click();
	await expect.element(screen.getByRole('button', { name: /Run the loop/ })).toBeEnabled();
});
