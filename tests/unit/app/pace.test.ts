/** The pace of a machine is measured by a run that is not kept, so that the first run has an estimate. */
import { describe, expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { RemoteError } from '#core/errors.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { createFakes, FakeStore } from '#tests/support/fakes.ts';

describe('a measurement of the pace', () => {
	it('gives an estimate, and keeps no run', async () => {
		const store = new FakeStore();
		const session = new Session(createFakes(store).ports);
		expect(session.estimate).toBeNull();
		await session.pace.measure(DEFAULT_RECIPE);
		expect(session.pace.failure).toBeNull();
		expect(session.estimate).toBeGreaterThan(0);
		expect(session.durations.source).toBe('a measurement with 8 prompts');
		expect([session.fresh, session.pace.run]).toEqual([true, null]);
		expect((await store.survey()).runs).toEqual([]);
	});

	it('that fails says why, and a stopped one says nothing', async () => {
		const fakes = createFakes(new FakeStore());
		const session = new Session(fakes.ports);
		fakes.reviser.before = () => session.pace.cancel();
		await session.pace.measure(DEFAULT_RECIPE);
		expect([session.estimate, session.pace.failure]).toEqual([null, null]);
		fakes.reviser.before = () => undefined;
		fakes.reviser.failAt = () =>
			new RemoteError('No.', { code: 'endpoint-key-refused', hint: 'Enter a key.' });
		await session.pace.measure(DEFAULT_RECIPE);
		expect(session.pace.failure).not.toBeNull();
		expect(session.estimate).toBeNull();
	});
});
