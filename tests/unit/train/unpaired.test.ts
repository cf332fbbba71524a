/**
 * Runs on completions with a label (the data of TRL's KTOTrainer), compared with runs on the pairs of the
 * same completions.
 */
import { beforeAll, expect, test } from 'vitest';
import type { TokenizedCompletion, TokenizedExample } from '#core/batch/tokenize.ts';
import type { TrainEvent, TrainerState } from '#core/ports.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { openDevice } from '#engine/device.ts';
import { createDecoder, type Decoder } from '#model/decoder.ts';
import { deviceLora } from '#model/lora.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#runtime/storage/checkpointFile.ts';
import { TrainSession } from '#train/session.ts';
import { modelOf, randomPairs, randomTensors } from '../../../bench/models/randomModel.ts';

const CONFIG = modelOf({
	hiddenSize: 32,
	intermediateSize: 48,
	layers: 2,
	heads: 2,
	kvHeads: 1,
	headDim: 16,
	vocabSize: 64,
});
const PAIRS = randomPairs(4, CONFIG.vocabSize, { prompt: [2, 6], completion: [1, 9] });
const COMPLETIONS = PAIRS.flatMap(({ chosenIds, rejectedIds, id, ...prompt }): TokenizedCompletion[] => [
	{ ...prompt, id: `${id}-chosen`, completionIds: chosenIds, label: true },
	{ ...prompt, id: `${id}-rejected`, completionIds: rejectedIds, label: false },
]);

let model: Decoder;
beforeAll(async () => {
	await openDevice({ backend: 'cpu' });
	model = createDecoder(CONFIG, randomTensors(CONFIG));
});

function recipeOf(objective: string, training: Partial<Recipe['training']>): Recipe {
	return {
		...DEFAULT_RECIPE,
		objective: { id: objective, beta: 0.1 },
		optimiser: { ...DEFAULT_RECIPE.optimiser, learningRate: 1e-2, warmupSteps: 0, schedule: 'constant' },
		training: { ...DEFAULT_RECIPE.training, steps: 4, ...training },
	};
}

/** All examples make one step, in `parts` micro-batches. */
function sessionOf(
	pairs: readonly TokenizedExample[],
	{ objective = 'apo_zero', parts = 1, resume = null as TrainerState | null } = {},
): TrainSession {
	const size = pairs.length / parts;
	const recipe = recipeOf(objective, { batchPairs: size, accumulationSteps: parts });
	const order = (n: number): number[] => Array.from({ length: size }, (_, i) => (n % parts) * size + i);
	return new TrainSession({
		...{ model, recipe, pairs, resume, order },
		lora: deviceLora(CONFIG, recipe.lora),
		keep: 'all',
	});
}

type StepEvent = Extract<TrainEvent, { type: 'step' }>;

async function steps(session: TrainSession, count: number): Promise<StepEvent[]> {
	for await (const event of session.prepare()) expect(event.type).toBe('progress');
	if (session.step === 0) expect(await session.check()).toMatchObject({ type: 'checked', margin: 0 });
	const events: StepEvent[] = [];
	for (let i = 0; i < count; i++) events.push((await session.report(session.record())) as StepEvent);
	return events;
}

test('a step on the completions of some pairs is the step on the pairs', async () => {
	const paired = sessionOf(PAIRS);
	const unpaired = sessionOf(COMPLETIONS);
	const [ofPairs, ofCompletions] = [await steps(paired, 3), await steps(unpaired, 3)];
	for (const [i, { metrics, batch }] of ofCompletions.entries()) {
		const other = ofPairs[i]!.metrics;
		// Twice as many examples, of one term each.
		expect(metrics.loss).toBeCloseTo(other.loss / 2, 4);
		expect(metrics.num_tokens).toBe(other.num_tokens);
		for (const name of ['rewards/chosen', 'rewards/rejected', 'rewards/margins'] as const) {
			expect(metrics[name], name).toBeCloseTo(other[name], 3);
		}
		expect(metrics['rewards/accuracies']).toBeNaN();
		expect(batch).toEqual([]);
	}
	expect(ofCompletions[0]!.metrics.loss).toBeCloseTo(0.5, 6);
	expect(ofCompletions[0]!.metrics.grad_norm / ofPairs[0]!.metrics.grad_norm).toBeCloseTo(0.5, 5);
	paired.dispose();
	unpaired.dispose();
});

test.each(['apo_zero', 'sft'])('%s in micro-batches gives the step of one batch', async (objective) => {
	for (const examples of [PAIRS, COMPLETIONS]) {
		const [whole, parts] = [sessionOf(examples, { objective }), sessionOf(examples, { objective, parts: 4 })];
		const [one, four] = [await steps(whole, 1), await steps(parts, 1)];
		expect(four[0]!.metrics.loss).toBeCloseTo(one[0]!.metrics.loss, 5);
		expect(four[0]!.metrics.grad_norm / one[0]!.metrics.grad_norm).toBeCloseTo(1, 5);
		whole.dispose();
		parts.dispose();
	}
});

test('a run on completions goes on from a stored checkpoint, with its reference log-probabilities', async () => {
	const whole = sessionOf(COMPLETIONS);
	const before = await steps(whole, 2);
	const { adapter, state } = await whole.snapshot();
	expect(Object.values(state.referenceLogps).map((logps) => logps.length)).toEqual(COMPLETIONS.map(() => 1));
	const stored = decodeCheckpoint(encodeCheckpoint({ adapter, state }));
	expect(stored.state?.referenceLogps).toEqual(state.referenceLogps);
	const rest = sessionOf(COMPLETIONS, { resume: stored.state });
	for await (const event of rest.prepare()) expect(event).toBe('no reference is missing');
	const [next, again] = [await steps(whole, 1), await steps(rest, 1)];
	expect(again[0]!.metrics.loss).toBe(next[0]!.metrics.loss);
	expect(again[0]!.metrics.loss).toBeLessThan(before[0]!.metrics.loss);
	whole.dispose();
	rest.dispose();
});

test('an objective that compares two completions refuses the run before it begins', () => {
	expect(() => sessionOf(COMPLETIONS, { objective: 'dpo' })).toThrow(/8 have no partner/);
	expect(() => sessionOf([...PAIRS, COMPLETIONS[0]!], { objective: 'apo_down' })).toThrow(
		/1 have no partner/,
	);
});
