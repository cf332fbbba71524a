/** Two tabs and one run. */
import { expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import type { RunLocks } from '#app/ports.ts';
import { createFakes, FakeStore, SMALL, type Fakes } from '#tests/support/fakes.ts';

/** Locks like a browser's: one holder per run, in any tab. */
class SharedLocks implements RunLocks {
	holdModel = () => () => undefined;
	readonly #held = new Set<string>();
	hold(runId: string): Promise<(() => void) | null> {
		if (this.#held.has(runId)) return Promise.resolve(null);
		this.#held.add(runId);
		return Promise.resolve(() => void this.#held.delete(runId));
	}
	held(): Promise<ReadonlySet<string>> {
		return Promise.resolve(new Set(this.#held));
	}
}

function tab(store: FakeStore, locks: RunLocks): { session: Session; fakes: Fakes } {
	const fakes = createFakes(store);
	fakes.ports.locks = locks;
	const session = new Session(fakes.ports);
	session.draft.load(SMALL);
	return { session, fakes };
}

it('a run that is active in one tab is not offered, opened or resumed in another', async () => {
	const store = new FakeStore();
	const locks = new SharedLocks();
	const first = tab(store, locks);
	const second = tab(store, locks);
	let offered: string | null | undefined;
	let refused: string | undefined;
	first.fakes.reviser.before = async () => {
		if (first.fakes.reviser.asked !== 6) return;
		await first.session.run.save();
		await second.session.start();
		offered = second.session.library.unfinished?.name ?? null;
		await second.session.open('run-1');
		refused = second.session.library.error?.code;
	};
	await first.session.startRun();
	expect(offered).toBeNull();
	expect(refused).toBe('run-elsewhere');
	expect(second.session.fresh).toBe(true);
	expect(second.session.place).toBe('shelf');
	expect(first.session.run.player.transport).toBe('done');
	await second.session.open('run-1');
	expect(second.session.run.player.transport).toBe('done');
});

it('resuming in a tab that showed the run says that it is in another tab, and writes nothing', async () => {
	const store = new FakeStore();
	const locks = new SharedLocks();
	const first = tab(store, locks);
	first.fakes.reviser.before = () => {
		if (first.fakes.reviser.asked === 6) first.session.run.player.stop();
	};
	await first.session.startRun();
	const second = tab(store, locks);
	await second.session.open('run-1');
	await locks.hold('run-1');
	const before = JSON.stringify(store.runs.get('run-1'));
	await second.session.resume();
	expect(second.session.run.failure).toMatchObject({ repair: 'resume', error: { code: 'run-elsewhere' } });
	expect(JSON.stringify(store.runs.get('run-1'))).toBe(before);
});

/** A finished run in a store, opened in two tabs. */
async function inTwoTabs(stopAt: number | null = null) {
	const store = new FakeStore();
	const locks = new SharedLocks();
	const first = tab(store, locks);
	if (stopAt !== null)
		first.fakes.reviser.before = () => {
			if (first.fakes.reviser.asked === stopAt) first.session.run.player.stop();
		};
	await first.session.startRun();
	const second = tab(store, locks);
	await second.session.open('run-1');
	second.fakes.ports.newId = () => 'run-of-second';
	return { store, first: first.session, second: second.session };
}

it('a decision in a tab with an older copy overwrites nothing: it becomes a copy, and the newer one is offered', async () => {
	const { store, first, second } = await inTwoTabs();
	const [one, other] = first.steps.revision.rows.map(({ id }) => id);
	first.steps.revision.setAside(one ?? '');
	await first.run.save();
	second.steps.revision.setAside(other ?? '');
	await second.run.save();
	const states = (id: string) =>
		store.runs
			.get(id)
			?.revisions.slice(0, 2)
			.map(({ state }) => state);
	expect(states('run-1')).toEqual(['set-aside', 'revised']);
	expect(states('run-of-second')).toEqual(['revised', 'set-aside']);
	expect(second.run).toMatchObject({ id: 'run-of-second', name: 'Sunday, copy', unsaved: null });
	expect(second.run.overtakenBy).toEqual({ id: 'run-1', name: 'Sunday' });
	// The copy has the checkpoints, and later decisions go into it.
	expect((await store.readCheckpoint('run-of-second', 8))?.adapter.step).toBe(8);
	second.steps.revision.setAside(one ?? '');
	await second.run.save();
	expect(states('run-of-second')).toEqual(['set-aside', 'set-aside']);
	expect(second.library.error).toBeNull();
	await second.open('run-1');
	expect(second.run).toMatchObject({ id: 'run-1', name: 'Sunday', overtakenBy: null });
	expect(second.steps.revision.rows[0]?.state).toBe('set-aside');
});

it('resuming an older copy waits for the user to choose, then resumes the copy', async () => {
	const { store, first, second } = await inTwoTabs(6);
	expect(second.run.player.transport).toBe('stopped');
	await first.resume();
	const finished = JSON.stringify(store.runs.get('run-1'));
	await second.resume();
	expect(second.run.player.transport).toBe('stopped');
	expect(second.run.overtakenBy?.id).toBe('run-1');
	await second.resume();
	expect(second.run).toMatchObject({ player: { transport: 'done' }, id: 'run-of-second' });
	expect(JSON.stringify(store.runs.get('run-1'))).toBe(finished);
	expect(store.runs.get('run-of-second')?.phase).toBe('done');
});

it('a new name given in another tab stays, and makes no copy', async () => {
	const { store, first, second } = await inTwoTabs();
	await second.rename('run-1', 'Mine');
	first.steps.revision.setAside(first.steps.revision.rows[0]?.id ?? '');
	await first.run.save();
	expect(first.run.id).not.toBe('run-of-second');
	expect([...store.runs.values()].map(({ name }) => name)).toContain('Mine');
});
