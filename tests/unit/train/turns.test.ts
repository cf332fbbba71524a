/** Runs on one device take turns: the lock itself, and trainers on it, on the cpu backend. */
import { beforeAll, expect, test } from 'vitest';
import { AppError } from '#core/errors.ts';
import type { TrainEvent } from '#core/ports.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { openDevice } from '#engine/device.ts';
import { createDecoder, type Decoder } from '#model/decoder.ts';
import { DeviceMemory } from '#train/deviceMemory.ts';
import { Trainer, type TrainerSetup } from '#train/trainer.ts';
import { Turns } from '#train/turns.ts';
import { modelOf, randomPairs, randomTensors } from '../../../bench/models/randomModel.ts';

const CONFIG = modelOf({
	...{ hiddenSize: 16, intermediateSize: 24, layers: 2, heads: 2, kvHeads: 1, headDim: 8, vocabSize: 64 },
});

let model: Decoder;
beforeAll(async () => {
	await openDevice({ backend: 'cpu' });
	model = createDecoder(CONFIG, randomTensors(CONFIG));
});

test('turns come in the order in which they were asked for, one at a time', async () => {
	const turns = new Turns();
	const log: string[] = [];
	const user = async (name: string, count: number): Promise<void> => {
		for (let i = 0; i < count; i++) {
			const end = await turns.next();
			log.push(`${name} starts`);
			await Promise.resolve();
			log.push(`${name} ends`);
			end();
		}
	};
	await Promise.all([user('a', 3), user('b', 2), user('c', 1)]);
	const turn = (name: string): string[] => [`${name} starts`, `${name} ends`];
	expect(log).toEqual(['a', 'b', 'c', 'a', 'b', 'a'].flatMap(turn));
});

function setup(id: string, rank: number, seed: number, learningRate = 4e-3): TrainerSetup {
	const recipe = {
		...DEFAULT_RECIPE,
		objective: { id, beta: 1 },
		lora: { ...DEFAULT_RECIPE.lora, rank, seed },
		optimiser: { ...DEFAULT_RECIPE.optimiser, learningRate, warmupSteps: 0, maxGradNorm: 0 },
		training: { ...DEFAULT_RECIPE.training, steps: 4, batchPairs: 2, seed, checkpointEvery: 0 },
	};
	const pairs = randomPairs(4, CONFIG.vocabSize, { prompt: [2, 6], completion: [1, 5] });
	return { model, recipe, pairs, truncated: 0, resume: null, startPaused: false };
}

type Log = [name: string, event: TrainEvent][];

/** Runs trainers at once on one device and logs their events. */
async function together(
	setups: Record<string, TrainerSetup>,
	onEvent: (name: string, event: TrainEvent, trainers: Record<string, Trainer>) => void = () => undefined,
): Promise<Log> {
	const [turns, memory] = [new Turns(), new DeviceMemory()];
	const entries = Object.entries(setups).map(
		([name, one]) => [name, new Trainer({ ...one, turns, memory })] as const,
	);
	const trainers = Object.fromEntries(entries);
	const log: Log = [];
	await Promise.all(
		entries.map(async ([name, trainer]) => {
			for await (const event of trainer.run()) {
				log.push([name, event]);
				onEvent(name, event, trainers);
			}
		}),
	);
	return log;
}

/** A run's steps without times, and its end. */
function numbers(log: Log, name: string): unknown[] {
	return log.flatMap(([of, event]): unknown[] => {
		if (of !== name) return [];
		if (event.type === 'done') return [event.state];
		if (event.type !== 'step') return [];
		return [{ ...event.metrics, seconds: 0, tokensPerSecond: 0 }, event.batch];
	});
}

const stepsOf = (log: Log): string =>
	log.flatMap(([name, { type }]) => (type === 'step' ? [name] : [])).join('');

const A = (): TrainerSetup => setup('apo_zero', 4, 1);
const B = (): TrainerSetup => setup('dpo', 8, 2);

async function alone(one: TrainerSetup, name: string): Promise<unknown[]> {
	return numbers(await together({ [name]: one }), name);
}

test('three trainers make one step each in turn, each with the numbers that it has alone', async () => {
	const log = await together({ a: A(), b: B(), c: setup('apo_down', 2, 3) });
	expect(stepsOf(log)).toBe('abcabcabcabc');
	expect(numbers(log, 'a')).toEqual(await alone(A(), 'a'));
	expect(numbers(log, 'b')).toEqual(await alone(B(), 'b'));
});

test('a paused trainer takes no turn, and goes on with its own numbers', async () => {
	const log = await together({ a: A(), b: B() }, (name, event, { a }) => {
		if (name === 'a' && event.type === 'step' && event.metrics.step === 1) a?.controls.pause();
		if (name === 'b' && event.type === 'done') a?.controls.resume();
	});
	expect(stepsOf(log)).toBe('abbbbaaa');
	expect(numbers(log, 'a')).toEqual(await alone(A(), 'a'));
	expect(numbers(log, 'b')).toEqual(await alone(B(), 'b'));
});

test.each([
	['stopped', A, 'stopped'],
	['broken', () => setup('apo_zero', 4, 1, 1e30), 'failed'],
])('a trainer that is %s leaves the other alone', async (_name, other, end) => {
	const log = await together({ other: other(), b: B() }, (name, event, trainers) => {
		if (name === 'other' && event.type === 'step' && end === 'stopped')
			trainers['other']?.controls.stop(false);
	});
	expect(log.findLast(([name]) => name === 'other')?.[1].type).toBe(end);
	expect(numbers(log, 'b')).toEqual(await alone(B(), 'b'));
});

test('a fault of the device ends every run, each with its own last checkpoint', async () => {
	let fault: TrainerSetup['fault'] = () => null;
	const withFault = (one: TrainerSetup, checkpointEvery: number): TrainerSetup => ({
		...one,
		recipe: { ...one.recipe, training: { ...one.recipe.training, checkpointEvery } },
		fault: () => fault?.() ?? null,
	});
	const log = await together({ a: withFault(A(), 1), b: withFault(B(), 2) }, (name, event) => {
		if (name !== 'b' || event.type !== 'step' || event.metrics.step !== 3) return;
		fault = () => new AppError('The GPU was lost.', { code: 'device-lost' });
	});
	const ends = ['a', 'b'].map((name) => log.findLast(([of]) => of === name)?.[1]);
	expect(ends).toMatchObject([
		{ type: 'failed', error: { code: 'device-lost' }, lastCheckpoint: 3 },
		{ type: 'failed', error: { code: 'device-lost' }, lastCheckpoint: 2 },
	]);
});
