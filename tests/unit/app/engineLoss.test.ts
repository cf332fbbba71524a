/** Lost engines: a run continues by itself with a new one, and other work reports the loss. */
import { describe, expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { AppError, DeviceError, RemoteError, StorageError } from '#core/errors.ts';
import { createFakes, SMALL, type Fakes } from '#tests/support/fakes.ts';
import { FLAWED } from '#tests/support/fakeCompute.ts';

const LOST = new DeviceError('The GPU was lost.', { code: 'device-lost' });

function open(): { session: Session; fakes: Fakes } {
	const fakes = createFakes();
	const session = new Session(fakes.ports);
	session.draft.load(SMALL);
	return { session, fakes };
}

describe('in the middle of a run', () => {
	it('while it samples: the other answers are sampled again, and none is missing', async () => {
		const { session, fakes } = open();
		fakes.target.before = () => {
			if (fakes.target.asked.length === 5) throw LOST;
		};
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
		expect(session.steps.output.outputs.map((output) => output.text)).toEqual(Array(12).fill(FLAWED));
		expect(fakes.target.asked).toHaveLength(13);
		expect(fakes.target.loads).toBe(2);
		expect(session.run.interruption).toContain('no finished work is lost');
	});

	it('while it trains: it continues from the checkpoint with the same result', async () => {
		const { session, fakes } = open();
		fakes.compute.failAt = 6;
		fakes.compute.failWith = LOST;
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
		expect(fakes.compute.disposed).toBe(true);
		expect(fakes.computes).toHaveLength(2);
		expect(fakes.computes[1]?.jobs[0]?.resume?.step).toBe(4);
		expect(session.steps.loss.history.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
		expect(session.run.interruption).toContain('at step 5; training continued');
		expect(session.run.interruption).toContain('from the checkpoint of step 4');
	});

	it('twice at the same place is a failure that offers the checkpoint', async () => {
		const { session, fakes } = open();
		const { newCompute } = fakes.ports;
		fakes.ports.newCompute = () => {
			const made = newCompute();
			Object.assign(made, { failAt: 6, failWith: LOST });
			return made;
		};
		const again = new Session(fakes.ports);
		again.draft.load(SMALL);
		await again.startRun();
		expect(again.run.player.transport).toBe('failed');
		expect(again.run.failure).toMatchObject({ repair: 'from-checkpoint', error: { code: 'device-lost' } });
		expect(fakes.computes).toHaveLength(2);
		expect(session.run.player.transport).toBe('idle');
	});

	it('an error that a new engine would repeat is not retried', async () => {
		const { session, fakes } = open();
		fakes.compute.failAt = 6;
		await session.startRun();
		expect(session.run.failure?.error.code).toBe('non-finite');
		expect(fakes.compute.jobs).toHaveLength(1);
	});

	it('a row that the engine refuses fails alone', async () => {
		const { session, fakes } = open();
		fakes.target.before = () => {
			if (fakes.target.asked.length === 5) throw new AppError('Too long.', { code: 'prompt-too-long' });
		};
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
		expect(session.steps.output.failed).toBe(1);
		expect(session.run.interruption).toBeNull();
	});
});

describe('after a run', () => {
	it('the chat names it, and the model counts as not loaded', async () => {
		const { session, fakes } = open();
		await session.startRun();
		fakes.target.before = () => {
			throw LOST;
		};
		await session.chat.send('Hello.');
		expect(session.chat.error?.code).toBe('device-lost');
		expect(session.engines.loadedModel).toBeNull();
		fakes.target.before = () => undefined;
		await session.loadModel();
		await session.chat.send('Hello.');
		expect(session.chat.error).toBeNull();
		expect(session.chat.messages.at(-1)?.content).toBe(FLAWED);
	});

	it('side by side, both sides report it', async () => {
		const { session, fakes } = open();
		await session.startRun();
		fakes.target.before = () => {
			throw LOST;
		};
		await session.sideBySide.ask('Add 1 and 2.');
		const [exchange] = session.sideBySide.exchanges;
		expect(exchange?.base).toMatchObject({ state: 'failed', error: { code: 'device-lost' } });
		expect(exchange?.tuned).toMatchObject({ state: 'failed', error: { code: 'device-lost' } });
		expect(session.sideBySide.answering).toBe(false);
		expect(session.engines.loadedModel).toBeNull();
	});
});

describe('WebLLM that cannot load', () => {
	const limit = new DeviceError('WebLLM needs maxStorageBuffersPerShaderStage of 10; this one allows 8.', {
		code: 'webgpu-limit',
	});

	it('leaves the answers to the trainer’s engine, and says so', async () => {
		const { session, fakes } = open();
		fakes.target.load = () => Promise.reject(limit);
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
		expect(fakes.target.asked).toEqual([]);
		expect(session.engines.runsOn).toBe('compute');
		expect(session.engines.deviceText).toMatch(/^WebGPU.*, without WebLLM$/);
		expect(session.engines.refusal?.message).toContain('allows 8');
	});

	it.each([
		new AppError('The library is broken.', { code: 'webllm-failed' }),
		new StorageError('The cache is full.', { code: 'model-cache-full' }),
		new RemoteError('Nothing answered.', { code: 'model-unreachable' }),
	])('$code does not stop a run that the other engine can answer', async (error) => {
		const { session, fakes } = open();
		fakes.target.load = () => Promise.reject(error);
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
		expect(session.engines.refusal?.message).toBe(error.message);
		expect(session.engines.runsOn).toBe('compute');
		// The next loading tries WebLLM again.
		Reflect.deleteProperty(fakes.target, 'load');
		await session.engines.unload();
		await session.loadModel();
		expect(session.engines.refusal).toBeNull();
		expect(session.engines.runsOn).toBe('webllm');
	});

	it('a worker that dies in every loading leaves the answers to the other engine', async () => {
		const { session, fakes } = open();
		let loads = 0;
		fakes.target.load = () => {
			loads++;
			return Promise.reject(new DeviceError('The worker ended.', { code: 'worker-died' }));
		};
		await session.startRun();
		expect(loads).toBe(2);
		expect(session.run.player.transport).toBe('done');
		expect(session.engines.refusal?.code).toBe('worker-died');
	});
});
