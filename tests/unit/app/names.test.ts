import { describe, expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { createFakes, SMALL, type Fakes } from '#tests/support/fakes.ts';

function open(): { session: Session; fakes: Fakes } {
	const fakes = createFakes();
	const session = new Session(fakes.ports);
	session.draft.load(SMALL);
	return { session, fakes };
}

describe('a name', () => {
	it('given on the shelf to the run on the bench stays, whatever is saved later', async () => {
		const { session, fakes } = open();
		await session.run();
		await session.rename('run-1', ' Two seeds ');
		expect(session.loop.name).toBe('Two seeds');
		await session.loop.save();
		expect((await fakes.ports.store.read('run-1'))?.name).toBe('Two seeds');
		expect(session.shelf.runs[0]?.name).toBe('Two seeds');
	});
});

it('says why the draft cannot run', async () => {
	const { session, fakes } = open();
	expect(session.obstacle).toBeNull();
	session.draft.set('prompts', 'source', 'own');
	expect(session.obstacle).toBe('no-prompts');
	session.draft.load({ ...SMALL, training: { ...SMALL.training, steps: 0 } });
	expect(session.obstacle).toBe('recipe');
	session.draft.load(SMALL);
	let seen: unknown;
	fakes.target.before = () => void (seen = session.obstacle);
	await session.run();
	expect(seen).toBe('running');
});
