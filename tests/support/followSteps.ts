/** Steps of the trainer from a given adapter, with pairs in a given order: to follow the run of another program. */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import type { StepMetrics } from '#core/loss/metrics.ts';
import type { TrainEvent } from '#core/ports.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import type { Decoder } from '#model/decoder.ts';
import { deviceLora, paramsOf } from '#model/lora.ts';
import { Trainer } from '#train/trainer.ts';

export interface FollowedSteps {
	model: Decoder;
	start: Adapter;
	pairs: readonly TokenizedPair[];
	/** Indices of the pairs of each step, as many in each. */
	order: readonly (readonly number[])[];
	beta: number;
	/** Default: a constant rate without warm-up, weight decay and clipping. */
	optimiser: Partial<Recipe['optimiser']> & Pick<Recipe['optimiser'], 'learningRate'>;
}

const PLAIN = { schedule: 'constant', warmupSteps: 0, weightDecay: 0, maxGradNorm: 0 } as const;

function recipeOf({ start, order, beta, optimiser }: FollowedSteps): Recipe {
	const { rank, alpha, targetModules } = start.config;
	return {
		...DEFAULT_RECIPE,
		lora: { ...DEFAULT_RECIPE.lora, rank, alpha, targetModules: [...targetModules] },
		objective: { id: 'apo_zero', beta },
		optimiser: { ...DEFAULT_RECIPE.optimiser, ...PLAIN, ...optimiser },
		training: {
			...DEFAULT_RECIPE.training,
			...{ steps: order.length, batchPairs: order[0]?.length ?? 1, checkpointEvery: 0 },
		},
	};
}

export async function followSteps(
	followed: FollowedSteps,
): Promise<{ steps: readonly StepMetrics[]; adapter: Adapter }> {
	const { model, start, pairs, order } = followed;
	const recipe = recipeOf(followed);
	const params = paramsOf(deviceLora(model.config, start.config), start);
	const zeros = new Float32Array(params.length);
	const state = { step: 0, numTokens: 0, samplerSeed: recipe.training.seed, referenceLogps: {} };
	const trainer = new Trainer({
		...{ model, recipe, pairs, truncated: 0, startPaused: false },
		resume: { ...state, params, m: zeros, v: zeros },
		order: (n) => order[n] ?? [],
	});
	const events: TrainEvent[] = [];
	for await (const event of trainer.run()) events.push(event);
	const last = events.at(-1);
	if (last?.type !== 'done') throw new Error(`The steps ended with ${JSON.stringify(last)}.`);
	const steps = events.flatMap((event) => (event.type === 'step' ? [event.metrics] : []));
	return { steps, adapter: last.adapter };
}
