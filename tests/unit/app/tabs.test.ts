/** Two tabs and one run. */
import { expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import type { RunLocks } from '#app/ports.ts';
import { createFakes, FakeStore, SMALL, type Fakes } from '#tests/support/fakes.ts';

/** Locks as a browser's: one holder a run, whichever tab it is. */
class SharedLocks implements RunLocks {
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

it('a run that one tab works on is not offered, opened or gone on with in another', async () => {
	const store = new FakeStore();
	const locks = new SharedLocks();
	const first = tab(store, locks);
	const second = tab(store, locks);
	let offered: string | null | undefined;
	let refused: string | undefined;
	first.fakes.reviser.before = async () => {
		if (first.fakes.reviser.asked !== 6) return;
		await first.session.loop.save();
		await second.session.start();
		offered = second.session.shelf.unfinished?.name ?? null;
		await second.session.open('run-1');
		refused = second.session.shelf.error?.code;
	};
	await first.session.run();
	expect(offered).toBeNull();
	expect(refused).toBe('run-elsewhere');
	expect(second.session.fresh).toBe(true);
	expect(second.session.place).toBe('shelf');
	expect(first.session.loop.transport).toBe('done');
	await second.session.open('run-1');
	expect(second.session.loop.transport).toBe('done');
});

it('going on in a tab that looked on meanwhile says where the run is, and writes nothing', async () => {
	const store = new FakeStore();
	const locks = new SharedLocks();
	const first = tab(store, locks);
	first.fakes.reviser.before = () => {
		if (first.fakes.reviser.asked === 6) first.session.loop.stop();
	};
	await first.session.run();
	const second = tab(store, locks);
	await second.session.open('run-1');
	await locks.hold('run-1');
	const before = JSON.stringify(store.runs.get('run-1'));
	await second.session.goOn();
	expect(second.session.loop.failure).toMatchObject({ repair: 'go-on', error: { code: 'run-elsewhere' } });
	expect(JSON.stringify(store.runs.get('run-1'))).toBe(before);
});
