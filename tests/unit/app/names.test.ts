import { describe, expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { cutShortAt } from '#app/text/status.ts';
import { createFakes, SMALL, type Fakes } from '#tests/support/fakes.ts';

function open(): { session: Session; fakes: Fakes } {
	const fakes = createFakes();
	const session = new Session(fakes.ports);
	session.draft.load(SMALL);
	return { session, fakes };
}

describe('a name', () => {
	it('given on the shelf to the open run stays after later saves', async () => {
		const { session, fakes } = open();
		await session.startRun();
		await session.rename('run-1', ' Two seeds ');
		expect(session.run.name).toBe('Two seeds');
		await session.run.save();
		expect((await fakes.ports.store.read('run-1'))?.name).toBe('Two seeds');
		expect(session.library.runs[0]?.name).toBe('Two seeds');
	});
});

it.each([
	['sampling', 0, 'while the model answered'],
	['evaluating-before', 0, 'while scoring, before training'],
	['training', 5, 'at step 5 of 8'],
	['evaluating-after', 8, 'while scoring, after training'],
	['loading', 5, 'at step 5 of 8'],
	['loading', 0, 'while loading'],
] as const)('an unfinished run in %s after %d steps names its place', (phase, step, words) => {
	expect(cutShortAt({ phase, step, recipe: SMALL })).toBe(words);
});

it('stores the phase when it starts, so that the run of a closed tab is offered in it', async () => {
	const { session, fakes } = open();
	let stored: string | undefined;
	const generate = fakes.compute.generate.bind(fakes.compute);
	fakes.compute.generate = async (...request) => {
		await new Promise((resolve) => setTimeout(resolve));
		stored ??= fakes.store.runs.get('run-1')?.phase;
		return generate(...request);
	};
	await session.startRun();
	expect(stored).toBe('evaluating-before');
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
	await session.startRun();
	expect(seen).toBe('running');
});
