import { describe, expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { plain } from '#app/steps/stepSummary.ts';
import { RemoteError, StorageError } from '#core/errors.ts';
import { createFakes, SMALL, type Fakes } from '#tests/support/fakes.ts';

function open(fakes: Fakes = createFakes(), recipe = SMALL): { session: Session; fakes: Fakes } {
	const session = new Session(fakes.ports);
	session.draft.load(recipe);
	return { session, fakes };
}

describe('failures', () => {
	it('keeps a row that fails, with its reason, and continues with the others', async () => {
		const { session, fakes } = open();
		session.steps.prompt.draw(SMALL);
		const broken = session.steps.prompt.prompts[2];
		fakes.target.failFor.add(broken?.text ?? '');
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
		expect(session.steps.output.failed).toBe(1);
		expect(session.steps.output.rows[2]?.error?.code).toBe('engine-broke');
		expect(session.steps.pair.pairs).toHaveLength(11);
		fakes.target.failFor.clear();
		await session.run.retryOutput(session.steps.output.rows[2]?.id ?? '');
		expect(session.steps.output.failed).toBe(0);
	});

	it('stops asking when the key is refused, names the kept work, and resumes with a new key', async () => {
		const reviser = { ...SMALL.reviser, endpoint: 'https://api.example.org/v1', model: 'm' };
		const { session, fakes } = open(createFakes(), { ...SMALL, reviser });
		const refused = new RemoteError('api.example.org did not accept the key (401).', {
			code: 'endpoint-key-refused',
			hint: 'Enter a new key and resume.',
			context: { status: 401 },
		});
		fakes.reviser.failAt = (n) => (n > 5 ? refused : null);
		await session.startRun();
		const { failure } = session.run;
		expect(session.run.player.transport).toBe('failed');
		expect(failure).toMatchObject({ repair: 'new-key', noun: 'revision', label: '401, key not accepted' });
		expect(failure?.kept).toContain('5 revisions');
		expect(session.steps.revision.counts.failed).toBeLessThanOrEqual(2);
		expect(fakes.reviser.asked).toBeLessThanOrEqual(7);
		expect(session.run.status.clock.map(plain)).toEqual([expect.stringMatching(/^\d of 12$/)]);
		fakes.reviser.failAt = () => null;
		session.reviser.setKey('https://api.example.org/v1', 'secret');
		await session.resume();
		expect(session.run.player.transport).toBe('done');
		expect(fakes.keys.at(-1)).toBe('secret');
		expect(JSON.stringify([...fakes.store.runs.values()])).not.toContain('secret');
	});

	it('trains on the received revisions if the endpoint gives no more', async () => {
		const reviser = { ...SMALL.reviser, endpoint: 'https://api.example.org/v1', model: 'm', concurrency: 1 };
		const { session, fakes } = open(createFakes(), { ...SMALL, reviser });
		const down = new RemoteError('Nothing answered.', {
			code: 'endpoint-forbidden',
			context: { status: 403 },
		});
		fakes.reviser.failAt = (n) => (n > 8 ? down : null);
		await session.startRun();
		expect(session.run.failure?.headline).toBe('The endpoint refused the key at revision 9.');
		const asked = fakes.reviser.asked;
		await session.resume({ skipUnasked: true });
		expect(session.run.player.transport).toBe('done');
		expect(session.steps.pair.pairs).toHaveLength(8);
		expect(fakes.reviser.asked).toBe(asked);
	});

	it('names the pairs of a step whose loss is not finite, by their numbers on the page', async () => {
		const { session, fakes } = open();
		fakes.compute.failAt = 6;
		await session.startRun();
		expect(session.run.failure?.headline).toBe('Training stopped at step 6.');
		// The same steps would give the same number again, so the repair is another recipe.
		expect(session.run.failure?.repair).toBe('change-recipe');
		expect(session.run.failure?.happened).toBe('The loss is not a number. Pairs of that step: 1, 2.');
		expect(session.run.status.clock.map(plain)).toEqual(['step 5 of 8']);
	});

	it('continues in memory when the store is full, and says that the run is not saved', async () => {
		const { session, fakes } = open();
		fakes.store.error = new StorageError('There is no room left.', { code: 'storage-full' });
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
		expect(session.run.unsaved?.code).toBe('storage-full');
		expect(session.steps.adapter.stored).toEqual([]);
		expect(session.steps.adapter.checkpoints).toEqual([4, 8]);
	});

	it('does not train when no revision differs', async () => {
		const { session, fakes } = open();
		fakes.reviser.replyWith = (_, output) => `{corrected_student_solution}: ${output}`;
		await session.startRun();
		expect(session.run.failure?.error.code).toBe('no-pairs');
		// The endpoint did answer, so the text must not blame it.
		const texts = JSON.stringify(session.run.failure, (name, value: unknown) =>
			name === 'stack' ? undefined : value,
		);
		expect(texts).not.toContain('endpoint');
		expect(session.run.failure?.repair).toBe('change-recipe');
		expect(session.steps.revision.counts.rejected).toBe(12);
	});

	it('does not start with a recipe that is out of range', async () => {
		const { session } = open(createFakes(), { ...SMALL, objective: { id: 'dpo', beta: -1 } });
		await session.startRun();
		expect(session.fresh).toBe(true);
		expect(session.draft.problem?.context['path']).toBe('objective.beta');
	});

	it('names the known models when the recipe asks for another', async () => {
		const { session } = open(createFakes(), { ...SMALL, model: 'gpt-9' });
		await session.startRun();
		expect(session.run.failure?.error.code).toBe('model-unknown');
		expect(session.run.failure?.todo).toContain('anchor-1m');
	});
});
