/** The compute client and its server, joined by a real channel, with an engine that only answers. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError, Cancelled, DeviceError, FormatError } from '#core/errors.ts';
import type { ChatReply, ComputeEngine, DeviceReport, TrainControl, TrainEvent } from '#core/ports.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { ComputeClient } from '#worker/client.ts';
import { serveCalls } from '#core/rpc/server.ts';
import { COMPUTE_CALLS } from '#worker/computeCalls.ts';

const REPORT: DeviceReport = {
	backend: 'cpu',
	vendor: '',
	architecture: 'cpu',
	description: '',
	features: [],
	limits: {},
	fallbackReason: null,
};
const SOURCE = {
	id: 'm',
	title: '',
	url: '/',
	library: null,
	parameters: 0,
	origin: { place: 'page' as const },
};
const JOB = {
	runId: 'run',
	recipe: DEFAULT_RECIPE,
	pairs: [],
	resume: null,
	startPaused: true,
	answers: null,
};
const REPLY: ChatReply = { text: 'yes', finishReason: 'stop', tokens: 1, tokenIds: [5] };
const never = new AbortController().signal;

/** Refuses every call for which the test gives no answer. */
function engine(answers: Partial<ComputeEngine>): ComputeEngine {
	const refuse = (): never => {
		throw new AppError('not part of this test', { code: 'not-here' });
	};
	return {
		...{
			device: refuse,
			setKernels: refuse,
			load: refuse,
			prepare: refuse,
			train: refuse,
			currentAdapter: refuse,
			generate: refuse,
		},
		...{
			tokenize: refuse,
			tokenLogps: refuse,
			check: refuse,
			attributeSpan: refuse,
			pairGradients: refuse,
			dispose: () => Promise.resolve(),
		},
		...answers,
	};
}

let channel: MessageChannel;
beforeEach(() => {
	channel = new MessageChannel();
	channel.port1.start();
	channel.port2.start();
});
afterEach(() => {
	channel.port1.close();
	channel.port2.close();
});

function connect(answers: Partial<ComputeEngine>): ComputeClient {
	serveCalls(channel.port2, COMPUTE_CALLS, engine(answers));
	return new ComputeClient(channel.port1, () => channel.port1.close());
}

describe('calls', () => {
	test('answers come back to their own call, whatever order they take', async () => {
		let release = (): void => undefined;
		const slow = new Promise<void>((resolve) => (release = resolve));
		const client = connect({
			device: async () => {
				await slow;
				return REPORT;
			},
			currentAdapter: () => Promise.resolve(null),
		});
		const device = client.device();
		expect(await client.currentAdapter('run')).toBeNull();
		release();
		expect(await device).toEqual(REPORT);
	});

	test('errors arrive as their own class, with code, hint, context and cause', async () => {
		const client = connect({
			device: () =>
				Promise.reject(
					new DeviceError('no room', {
						code: 'limits-too-low',
						hint: 'smaller',
						context: { need: 2 },
						cause: new FormatError('inner', { code: 'inner' }),
					}),
				),
		});
		const error: unknown = await client.device().catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(DeviceError);
		expect(error).toMatchObject({ code: 'limits-too-low', hint: 'smaller', context: { need: 2 } });
		expect((error as Error).cause).toBeInstanceOf(FormatError);
	});

	test('progress and replies come before the result', async () => {
		const client = connect({
			generate: (_request, onReply) => {
				onReply(1, REPLY);
				onReply(0, REPLY);
				return Promise.resolve([REPLY, REPLY]);
			},
		});
		const seen: number[] = [];
		const request = { prompts: [], sampling: DEFAULT_RECIPE.sampling, adapter: null, strength: 1 };
		expect(await client.generate(request, (index) => seen.push(index), never)).toHaveLength(2);
		expect(seen).toEqual([1, 0]);
	});

	test('the recipe that training is prepared for arrives', async () => {
		const seen: unknown[] = [];
		const client = connect({
			prepare: (recipe) => {
				seen.push(recipe);
				return Promise.resolve();
			},
		});
		await client.prepare(DEFAULT_RECIPE);
		expect(seen).toEqual([DEFAULT_RECIPE]);
	});

	test('an abort reaches the engine and comes back as Cancelled', async () => {
		const cancel = new AbortController();
		const client = connect({
			load: (_source, onProgress, signal) => {
				onProgress({ phase: 'x', done: 1, total: 2 });
				return new Promise((_, reject) => {
					signal.addEventListener('abort', () => reject(new Error('whatever the engine throws')));
				});
			},
		});
		const loading = client.load(SOURCE, () => cancel.abort(), cancel.signal);
		await expect(loading).rejects.toThrow(Cancelled);
	});

	test('a call with a signal that has fired already is not sent', async () => {
		const client = connect({});
		const cancel = new AbortController();
		cancel.abort();
		await expect(client.load(SOURCE, () => undefined, cancel.signal)).rejects.toThrow(Cancelled);
	});
});

describe('training', () => {
	test('events arrive in order, wishes reach the run, and finished settles at its end', async () => {
		const wishes: string[] = [];
		let emit: (event: TrainEvent) => void = () => undefined;
		let end = (): void => undefined;
		const finished = new Promise<void>((resolve) => (end = resolve));
		const control: TrainControl = {
			pause: () => wishes.push('pause'),
			resume: () => wishes.push('resume'),
			step: () => {
				wishes.push('step');
				emit({ type: 'paused', step: 1 });
			},
			stop: (keep) => {
				wishes.push(`stop ${keep}`);
				end();
			},
			finished,
		};
		const client = connect({
			train: (_job, onEvent) => {
				emit = onEvent;
				onEvent({ type: 'resumed', step: 0 });
				return control;
			},
		});
		const events: string[] = [];
		const run = client.train(JOB, ({ type }) => {
			events.push(type);
			if (type === 'paused') run.stop(false);
		});
		run.pause();
		run.resume();
		run.step();
		await run.finished;
		expect(wishes).toEqual(['pause', 'resume', 'step', 'stop false']);
		expect(events).toEqual(['resumed', 'paused']);
		// The run is over, so a late request is dropped.
		run.pause();
		expect(wishes).toHaveLength(4);
	});

	test('the adapter and state of a checkpoint are handed over, not copied', async () => {
		const state = {
			...{ step: 1, params: new Float32Array(4), m: new Float32Array(4), v: new Float32Array(4) },
			...{ numTokens: 0, samplerSeed: 1, referenceLogps: {} },
		};
		const adapter = { id: 'step-1', step: 1, config: DEFAULT_RECIPE.lora, matrices: [] };
		const client = connect({
			train: (_job, onEvent) => {
				onEvent({ type: 'done', step: 1, adapter, state, peakBytes: 1 });
				const control = { pause: () => undefined, resume: () => undefined, step: () => undefined };
				return { ...control, stop: () => undefined, finished: Promise.resolve() };
			},
		});
		const events: TrainEvent[] = [];
		await client.train(JOB, (event) => events.push(event)).finished;
		expect(events).toMatchObject([{ type: 'done', state: { params: new Float32Array(4) } }]);
		expect(state.params).toHaveLength(0);
	});
});

describe('the end', () => {
	test('a worker that dies fails what is under way and what comes later', async () => {
		const client = connect({ device: () => new Promise(() => undefined) });
		const asking = client.device();
		channel.port1.dispatchEvent(new Event('error'));
		await expect(asking).rejects.toMatchObject({ code: 'worker-crashed' });
		await expect(client.currentAdapter('run')).rejects.toMatchObject({ code: 'worker-crashed' });
	});

	test('dispose ends the calls under way as cancelled and is safe to repeat', async () => {
		const client = connect({ device: () => new Promise(() => undefined) });
		const asking = client.device();
		const cancelled = expect(asking).rejects.toThrow(Cancelled);
		await client.dispose();
		await cancelled;
		await client.dispose();
		await expect(client.device()).rejects.toThrow(Cancelled);
	});
});
