/** Kept sets on the page: kept, edited, used in a run, and said when they are missing. */
import { describe, expect, it } from 'vitest';
import { keptSentence } from '#app/library/newSet.ts';
import { Session } from '#app/session.svelte.ts';
import { visit } from '#app/visit.ts';
import { setContent } from '#core/pair/set/content.ts';
import type { SetPair } from '#core/pair/set/keptSet.ts';
import { isHeldOut } from '#core/prompt/split.ts';
import { withField } from '#core/recipe/fields.ts';
import { StorageError } from '#core/errors.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { createFakes, SMALL, type Fakes } from '#tests/support/fakes.ts';
import { setPair } from '#tests/support/setPairs.ts';

const ORIGINS = [{ kind: 'file', name: 'mine.jsonl' }] as const;
const PAIRS = Array.from({ length: 30 }, (_, i) => setPair(`p${i}`, `good ${i}`, `bad ${i}`));
const OF_WORLD: readonly SetPair[] = [
	...worldPrompts({ count: 10, seed: 1, split: 'train' }),
	...worldPrompts({ count: 5, seed: 9, split: 'heldOut' }),
].map((prompt, i) => setPair(`w${i}`, `good ${i}`, `bad ${i}`, { prompt }));

async function opened(): Promise<{ session: Session; fakes: Fakes }> {
	const fakes = createFakes();
	const session = new Session(fakes.ports);
	await session.start();
	session.draft.load(SMALL);
	return { session, fakes };
}

/** The draft of a run that trains on a kept set. */
async function recipeWith(
	session: Session,
	pairs: readonly SetPair[],
	source: 'world' | 'own',
): Promise<Recipe> {
	const { sets } = session.imported;
	const kept = await sets.keep('Mine', { pairs, origins: ORIGINS });
	const summary = sets.list.find(({ id }) => id === kept?.id);
	return {
		...withField(SMALL, 'prompts.source', source),
		pairs: { ...SMALL.pairs, method: 'imported', set: { name: 'Mine', sha256: summary?.sha256 ?? '' } },
	};
}

describe('a set', () => {
	it('is kept under a free name, and the same pairs once', async () => {
		const { session } = await opened();
		const { sets } = session.imported;
		expect(await sets.keep('Mine', { pairs: PAIRS, origins: ORIGINS })).toMatchObject({
			name: 'Mine',
			isNew: true,
		});
		expect(await sets.keep('Mine', { pairs: PAIRS.slice(1), origins: ORIGINS })).toMatchObject({
			name: 'Mine 2',
		});
		expect(await sets.keep('Other', { pairs: PAIRS, origins: ORIGINS })).toMatchObject({
			name: 'Mine',
			wanted: 'Other',
			isNew: false,
		});
		// The name that the set has already is no other one.
		expect(await sets.keep('Mine', { pairs: PAIRS, origins: ORIGINS })).toMatchObject({ wanted: 'Mine' });
		expect(sets.list.map(({ pairs }) => pairs)).toEqual([30, 29]);
	});

	it('is not kept if the store refuses it, and the page says why', async () => {
		const { session, fakes } = await opened();
		fakes.sets.error = new StorageError('No space.', { code: 'storage-quota', hint: 'Delete some.' });
		expect(await session.imported.sets.keep('Mine', { pairs: PAIRS, origins: ORIGINS })).toBeNull();
		expect(session.imported.sets.error).toMatchObject({ code: 'storage-quota' });
		expect(session.imported.sets.list).toEqual([]);
	});

	it('is edited, restored, and refuses texts that are no pair', async () => {
		const { session, fakes } = await opened();
		const { sets } = session.imported;
		const kept = await sets.keep('Mine', { pairs: PAIRS, origins: ORIGINS });
		await sets.open(kept?.id ?? '');
		const open = sets.opened!;
		const before = open.set.sha256;
		expect(await open.edit(open.set.pairs[0]!, { chosen: 'bad 0', rejected: 'bad 0' })).toMatch(/same/);
		expect(await open.edit(open.set.pairs[0]!, { chosen: 'better', rejected: 'bad 0' })).toBeNull();
		expect(fakes.sets.sets.get(open.set.id)?.pairs[0]).toMatchObject({ chosen: 'better', edited: true });
		expect(open.set.sha256).not.toBe(before);
		await open.restore(open.set.pairs[0]!);
		expect(open.set.sha256).toBe(before);
	});

	it('that another tab edited is not overwritten', async () => {
		const { session, fakes } = await opened();
		const { sets } = session.imported;
		const kept = await sets.keep('Mine', { pairs: PAIRS, origins: ORIGINS });
		await sets.open(kept?.id ?? '');
		const open = sets.opened!;
		fakes.sets.sets.set(open.set.id, { ...open.set, sha256: 'b'.repeat(64) });
		await open.edit(open.set.pairs[0]!, { chosen: 'better', rejected: 'bad 0' });
		expect(sets.error).toMatchObject({ code: 'set-overtaken' });
		expect(open.set.pairs[0]).toMatchObject({ chosen: 'good 0' });
	});

	it('that is shown is in the address, and Back leads to the lists', async () => {
		const { session, fakes } = await opened();
		const kept = await session.imported.sets.keep('Mine', { pairs: PAIRS, origins: ORIGINS });
		session.openShelf();
		await session.imported.sets.open(kept?.id ?? '');
		const { address } = session;
		expect(address).toBe(`#view=shelf&set=${kept?.id ?? ''}`);

		const again = new Session(fakes.ports);
		await visit(again, address);
		expect(again.imported.sets.opened?.set).toMatchObject({ name: 'Mine', pairs: { length: 30 } });
		expect(again.address).toBe(address);
		const shown = again.imported.sets.opened;
		await visit(again, address);
		expect(again.imported.sets.opened).toBe(shown);
		await visit(again, '#view=shelf');
		expect(again.imported.sets.opened).toBeNull();
		await visit(again, '#view=shelf&set=nobody');
		expect([again.address, again.imported.sets.error?.code]).toEqual(['#view=shelf', 'set-gone']);
	});

	it('that is still read is not shown after Back', async () => {
		const { session } = await opened();
		const { sets } = session.imported;
		const kept = await sets.keep('Mine', { pairs: PAIRS, origins: ORIGINS });
		const opening = sets.open(kept?.id ?? '');
		await visit(session, '#view=shelf');
		await opening;
		expect(sets.opened).toBeNull();
	});

	it('is filtered, split and merged into sets of their own', async () => {
		const { session } = await opened();
		const { sets } = session.imported;
		await sets.keep('Other', { pairs: PAIRS.slice(0, 3), origins: ORIGINS });
		const kept = await sets.keep('Mine', { pairs: PAIRS, origins: ORIGINS });
		await sets.open(kept?.id ?? '');
		const open = sets.opened!;
		open.filter = { ...open.filter, text: 'good 1' };
		await open.keepShown('Ones');
		expect(open.kept.map(keptSentence)).toEqual(['Kept as “Ones”: 11 pairs.']);
		const other = sets.list.find(({ name }) => name === 'Other');
		const merged = await open.merged([other?.id ?? '']);
		expect(merged).toMatchObject({ duplicates: 3, conflicts: [] });
		open.filter = { ...open.filter, text: '', ranges: { jaccard: { from: 0.4, to: null } } };
		expect(open.shown).toEqual([]);
		await open.measure(new AbortController().signal);
		expect(open.shown).toEqual([]);
		open.filter = { ...open.filter, ranges: { jaccard: { from: 0.3, to: null } } };
		expect(open.shown).toHaveLength(30);
	});
});

describe('a run on a set', () => {
	it('is scored on the world’s held-out prompts and trains on none of them', async () => {
		const { session } = await opened();
		session.draft.load(await recipeWith(session, OF_WORLD, 'world'));
		await session.startRun();
		expect(session.run.failure).toBeNull();
		const { pair, prompt } = session.steps;
		expect(prompt.heldOut).toEqual(worldPrompts({ count: 8, seed: 1, split: 'heldOut' }));
		expect(pair.pairs).toHaveLength(10);
		expect(pair.heldOut).toHaveLength(5);
		expect(pair.pairs.some((one) => isHeldOut(one.prompt.text))).toBe(false);
		expect(session.run.record()?.heldOutPairs).toHaveLength(5);
	});

	it('of the user’s own prompts holds out some of these', async () => {
		const { session } = await opened();
		session.draft.load(await recipeWith(session, PAIRS, 'own'));
		await session.startRun();
		expect(session.run.failure).toBeNull();
		expect(session.steps.prompt.heldOut.length).toBeGreaterThan(0);
		expect(session.steps.prompt.heldOut.every(({ text }) => isHeldOut(text))).toBe(true);
	});

	it('leaves ends open only if the recipe says so, and keeps no source of another run', async () => {
		const { session } = await opened();
		const from = { chosen: { kind: 'revision', id: 'x' }, rejected: { kind: 'output', id: 'y' } } as const;
		const open = OF_WORLD.map((pair) => ({ ...pair, from, open: { chosen: false, rejected: true } }));
		const recipe = await recipeWith(session, open, 'world');
		session.draft.load(recipe);
		await session.startRun();
		expect(session.steps.pair.pairs.every((pair) => pair.open === undefined && pair.from === null)).toBe(
			true,
		);
		session.change();
		session.draft.load(withField(recipe, 'pairs.cutAnswers', 'open'));
		await session.startRun();
		expect(session.steps.pair.pairs.every((pair) => pair.open?.rejected === true)).toBe(true);
	});

	it('does not start without its set, and says which one is missing', async () => {
		const { session } = await opened();
		const set = { name: 'Theirs', sha256: 'c'.repeat(64) };
		session.draft.load({ ...SMALL, pairs: { minJaccard: 0, method: 'imported', set } });
		expect(session.obstacle).toBe('no-set');
		await session.startRun();
		expect(session.fresh).toBe(true);
		expect(session.imported.sets.error).toMatchObject({
			code: 'set-missing',
			message: expect.stringContaining('“Theirs”') as string,
		});
	});

	it('finds its set after a reload of the page, by the pairs and not by the name', async () => {
		const { session, fakes } = await opened();
		const recipe = await recipeWith(session, OF_WORLD, 'world');
		const [summary] = session.imported.sets.list;
		await session.imported.sets.rename(summary?.id ?? '', 'Renamed');
		const later = new Session(fakes.ports);
		await later.start();
		later.draft.load(recipe);
		await later.startRun();
		expect(later.run.failure).toBeNull();
		expect(later.steps.pair.pairs).toHaveLength(10);
	});
});

it('the hash is that of the content', async () => {
	const { session, fakes } = await opened();
	await session.imported.sets.keep('Mine', { pairs: PAIRS, origins: ORIGINS });
	const [set] = [...fakes.sets.sets.values()];
	expect(set?.sha256).toBe(await fakes.ports.sha256(setContent(set?.pairs ?? [])));
});

it('an export of everything has the sets, and a deletion of everything deletes them', async () => {
	const { session, fakes } = await opened();
	await session.imported.sets.keep('Mine', { pairs: PAIRS, origins: ORIGINS });
	fakes.sets.broken = [{ id: 'x', name: 'Broken', reason: 'It is damaged.', bytes: 3 }];
	const file = await session.data.exportAll();
	const names = new TextDecoder('latin1').decode(file?.content as Uint8Array<ArrayBuffer>);
	expect(names).toContain('mine.pairs.jsonl');
	expect(session.data.leftOut).toEqual([]);
	await session.data.removeAll();
	expect(session.data.error).toBeNull();
	expect([session.imported.sets.list, session.imported.sets.damaged]).toEqual([[], []]);
});
