/** Runs that begin from an adapter of another run. */
import { exportSourceOf } from '#app/run/exportSource.ts';
import { describe, expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { stackAdapters } from '#core/adapter/stack.ts';
import { exportEverything } from '#core/exchange/everything.ts';
import { wholeRun } from '#core/exchange/exports/wholeRun.ts';
import type { KeptModel } from '#core/model/keeper.ts';
import { readRunFile } from '#core/run/runFile.ts';
import type { ExportSource } from '#core/exchange/export.ts';
import { exportedAdapter } from '#tests/support/exportedAdapter.ts';
import { createFakes, FakeStore, SMALL, type Fakes } from '#tests/support/fakes.ts';
import { fakeAdapter } from '#tests/support/fakeCompute.ts';

async function trained(fakes: Fakes = createFakes()): Promise<{ session: Session; fakes: Fakes }> {
	const session = new Session(fakes.ports);
	// Else the second round would have no flaws to learn from.
	fakes.target.learns = false;
	session.draft.load(SMALL);
	await session.start();
	await session.startRun();
	expect(session.run.failure).toBeNull();
	return { session, fakes };
}

async function nextRound(session: Session): Promise<void> {
	await session.anotherRound();
	expect(session.begin.error).toBeNull();
	await session.startRun();
	expect(session.run.failure).toBeNull();
}

function sourceOf(session: Session): ExportSource {
	const source = exportSourceOf(session.run);
	if (source === null) throw new Error('nothing to export');
	return source;
}

async function fileOf(session: Session): Promise<Uint8Array<ArrayBuffer>> {
	const [file] = await wholeRun.write(sourceOf(session));
	if (!(file?.content instanceof Uint8Array)) throw new Error('no file');
	return file.content;
}

const HASH = 'a'.repeat(64);

describe('another round', () => {
	it('is a draft that begins from the adapter on fresh prompts, with the same held-out prompts', async () => {
		const { session } = await trained();
		const first = session.run;
		await session.anotherRound();
		expect(session.editing).toBe(true);
		expect(session.draft.recipe).toEqual({
			...SMALL,
			prompts: { ...SMALL.prompts, seed: SMALL.prompts.seed + 1 },
			begin: {
				run: first.id,
				name: `${first.name}, step 8`,
				sha256: session.draft.recipe.begin?.sha256 ?? '',
			},
		});
		expect(session.draft.changes.map(({ path }) => path)).toEqual(['prompts.seed', 'begin']);
		const before = session.steps.prompt;
		await session.startRun();
		expect(session.run.reused).toEqual([]);
		expect(session.steps.prompt.heldOut).toEqual(before.heldOut);
		expect(session.steps.prompt.prompts).not.toEqual(before.prompts);
	});

	it('trains on the merged adapter, and asks base + parent for samples and for the score before', async () => {
		const { session, fakes } = await trained();
		const parent = fakeAdapter(8);
		await nextRound(session);
		expect(fakes.compute.jobs.map(({ begin }) => begin)).toEqual([undefined, parent]);
		const stacked = stackAdapters(parent, fakeAdapter(8));
		const used = fakes.compute.generated.slice(-2);
		expect(used.map(({ adapter, strength }) => [adapter, strength])).toEqual([
			[stacked, 1],
			[stacked, 1],
		]);
		const before = fakes.compute.generated.slice(5, 7);
		expect(before.map(({ adapter, strength }) => [adapter, strength])).toEqual([
			[parent, 1],
			[parent, 1],
		]);
		expect(fakes.target.written.at(-1)).toEqual({ step: 8, strength: 1 });
	});

	it('keeps its ancestry with scores, and a third round stacks three adapters', async () => {
		const { session } = await trained();
		const names = [session.run.name];
		await nextRound(session);
		names.push(session.run.name);
		await nextRound(session);
		const ancestry = session.run.record()?.ancestry ?? [];
		expect(ancestry.map(({ name, step }) => [name, step])).toEqual(names.map((name) => [name, 8]));
		expect(ancestry.every(({ before, after }) => before !== null && after !== null)).toBe(true);
		const { adapter, config } = await exportedAdapter(sourceOf(session));
		expect(config).toMatchObject({ r: 3, base_model_name_or_path: SMALL.model });
		const two = stackAdapters(fakeAdapter(8), fakeAdapter(8));
		expect(adapter.matrices).toEqual(stackAdapters(two, fakeAdapter(8)).matrices);
	});

	it('opens alone: from the store, from its file, and from an export of everything', async () => {
		const { session, fakes } = await trained();
		const first = session.run.id ?? '';
		await nextRound(session);
		const second = session.run.id ?? '';
		const bytes = await fileOf(session);
		await session.remove(first);
		const parent = fakeAdapter(8);
		for (const fresh of [fakes, createFakes()]) {
			const other = new Session(fresh.ports);
			await other.start();
			if (fresh === fakes) await other.open(second);
			else await other.openFile('second.run.json.gz', bytes);
			expect(other.files.error).toBeNull();
			expect(await other.run.parent.read()).toMatchObject({ matrices: parent.matrices });
			expect(other.run.ancestry).toHaveLength(1);
		}
		const { file } = await exportEverything({
			sets: { sets: [], damaged: [] },
			setStore: fakes.sets,
			grids: fakes.ports.grids,
			...{ runs: session.library.runs, damaged: [], settings: {}, store: fakes.store },
			date: '2026-11-22T10:00:00.000Z',
		});
		expect(file.content.length).toBeGreaterThan(bytes.length);
		expect((await readRunFile(bytes, 'x')).parent?.matrices).toEqual(parent.matrices);
	});
});

describe('a model in 4 bits', () => {
	it('is refused when the adapter is chosen, and when a recipe with it is run', async () => {
		const { session, fakes } = await trained();
		const before = fakes.compute.jobs.length;
		const begin = await session.begin.choose(() => session.begin.stored(session.run.id ?? '', null));
		const [source] = session.engines.models;
		fakes.ports.models.shelf = () =>
			Promise.resolve({
				kept: [{ source, weights: 'q4' }] as unknown as readonly KeptModel[],
				unfinished: [],
				damaged: [],
			});
		await session.anotherRound();
		expect(session.begin.error).toMatchObject({ code: 'begin-block-weights' });
		expect(session.begin.error?.message).toContain('blocks of 4 to 8 bits');
		expect(session.editing).toBe(false);
		session.change();
		session.draft.setBegin(begin ?? undefined);
		await session.startRun();
		expect(session.begin.error).toMatchObject({ code: 'begin-block-weights' });
		expect(fakes.compute.jobs).toHaveLength(before);
	});
});

describe('a recipe that begins from an adapter', () => {
	it('finds the adapter in the store by its hash', async () => {
		const { session, fakes } = await trained();
		await session.anotherRound();
		const { recipe } = session.draft;
		const other = new Session(fakes.ports);
		other.draft.load(recipe);
		await other.start();
		await other.startRun();
		expect(other.run.failure).toBeNull();
		expect(await other.run.parent.read()).toMatchObject({ matrices: fakeAdapter(8).matrices });
	});

	it('is refused by name if the adapter is not here or belongs to another model, and no run starts', async () => {
		const { session, fakes } = await trained();
		await session.anotherRound();
		const { recipe } = session.draft;
		const begin = { run: 'gone', name: 'Lecture 3, step 40', sha256: HASH };
		for (const [draft, code, words] of [
			[{ ...recipe, begin }, 'begin-missing', '“Lecture 3, step 40”, which is not stored in this browser'],
			[{ ...recipe, model: 'other-2m' }, 'adapter-other-model', `was trained on ${SMALL.model}`],
		] as const) {
			const other = new Session(fakes.ports);
			other.draft.load(draft);
			await other.start();
			await other.startRun();
			expect(other.fresh).toBe(true);
			expect(other.begin.error).toMatchObject({ code });
			expect(other.begin.error?.message).toContain(words);
			expect(other.begin.error?.hint).toContain('begin from the base model');
		}
	});

	it('loses the adapter with a change of model, and reverts as one field', async () => {
		const { session } = await trained();
		await session.anotherRound();
		session.draft.revert('begin');
		expect('begin' in session.draft.recipe).toBe(false);
		expect(session.draft.problem).toBeNull();
	});
});

it('a store that refuses the adapter ends nothing: the page says that it is not saved', async () => {
	const store = new FakeStore();
	const { session } = await trained(createFakes(store));
	await session.anotherRound();
	const write = store.writeCheckpoint.bind(store);
	store.writeCheckpoint = (id, adapter, state) =>
		adapter.step === 0 ? Promise.reject(new Error('full')) : write(id, adapter, state);
	await session.startRun();
	expect(session.run.failure).toBeNull();
	expect(session.run.player.transport).toBe('done');
});
