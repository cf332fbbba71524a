/** The list of stored runs. */
import { describe, expect, it, vi } from 'vitest';
import { Library } from '#app/library/library.svelte.ts';
import { Session } from '#app/session.svelte.ts';
import { StorageError } from '#core/errors.ts';
import { createFakes, FakeStore, SMALL } from '#tests/support/fakes.ts';

describe('Library', () => {
	it('lists, renames and removes runs, and reports a store that fails', async () => {
		const fakes = createFakes();
		const session = new Session(fakes.ports);
		session.draft.load(SMALL);
		await session.startRun();
		const { library } = session;
		expect(library.runs).toHaveLength(1);
		expect(library.unfinished).toBeNull();
		await library.rename('run-1', ' First ');
		expect(library.runs[0]?.name).toBe('First');
		await library.remove('run-1');
		expect(library.runs).toEqual([]);
		const broken = new FakeStore();
		let surveys = 0;
		const survey = fakes.store.survey.bind(fakes.store);
		fakes.store.survey = () => {
			surveys++;
			return survey();
		};
		await library.refresh();
		expect(surveys).toBe(1);
		broken.survey = () => Promise.reject(new StorageError('Blocked.', { code: 'storage-blocked' }));
		const other = new Library(broken, fakes.ports.locks);
		await other.refresh();
		expect(other.error?.code).toBe('storage-blocked');
	});

	it('does not report a refresh that fails after a later one succeeded', async () => {
		const { store, ports } = createFakes();
		const survey = store.survey.bind(store);
		let fail = (): void => undefined;
		store.survey = () =>
			new Promise((_, reject) => {
				fail = () => reject(new StorageError('Blocked.', { code: 'storage-blocked' }));
				store.survey = survey;
			});
		const library = new Library(store, ports.locks);
		const earlier = library.refresh();
		await vi.waitUntil(() => store.survey === survey, { interval: 0, timeout: 20_000 });
		await library.refresh();
		fail();
		await earlier;
		expect(library.error).toBeNull();
	});
});
