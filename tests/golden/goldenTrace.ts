/** Recorded runs of TRL, and the same runs of our trainer. */
import type { Adapter, LoraConfig } from '#core/adapter/adapter.ts';
import type { StepMetrics } from '#core/loss/metrics.ts';
import type { TrainEvent } from '#core/ports.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { deviceLora, paramsOf } from '#model/lora.ts';
import { Trainer } from '#train/trainer.ts';
import {
	goldenAdapter,
	goldenDecoder,
	goldenPairs,
	largestDifference,
	type ReadGolden,
} from './goldenModel.ts';

export const METRICS = [
	'loss',
	'rewards/chosen',
	'rewards/rejected',
	'rewards/margins',
	'rewards/accuracies',
	'logps/chosen',
	'logps/rejected',
	'grad_norm',
	'learning_rate',
] as const;

export interface TraceRun {
	name: string;
	loss_type: string;
	weight_decay: number;
	final_adapter: string;
	start: string;
	steps: (Record<string, number> & { examples: number[] })[];
	noise_floor_float32_vs_float64: Record<string, number>;
}

export interface Trace {
	runs: TraceRun[];
}

/** Runs with PEFT's default initialisation have their own file with it. */
function startFile(folder: string, variant: string, run: TraceRun): string {
	return run.name.startsWith('fresh')
		? `${folder}/${run.name}/adapter_model.init.safetensors`
		: `model-${variant}/adapter/adapter_model.safetensors`;
}

export function traceFiles(folder: string, run: TraceRun): string[] {
	return [`${folder}.json`, run.final_adapter, startFile(folder, folder.slice('trace-'.length), run)];
}

/** TRL's settings of these runs: batches of 2 in order, linear schedule with 3 steps of warm-up, clipping at 1. */
function recipeOf(run: TraceRun, { rank, alpha, targetModules }: LoraConfig): Recipe {
	return {
		...DEFAULT_RECIPE,
		lora: { ...DEFAULT_RECIPE.lora, rank, alpha, targetModules: [...targetModules] },
		objective: { id: run.loss_type, beta: 0.1 },
		optimiser: {
			...DEFAULT_RECIPE.optimiser,
			learningRate: 1e-3,
			schedule: 'linear',
			warmupSteps: 3,
			weightDecay: run.weight_decay,
			maxGradNorm: 1,
		},
		training: {
			...DEFAULT_RECIPE.training,
			steps: run.steps.length,
			batchPairs: 2,
			accumulationSteps: 1,
			checkpointEvery: 0,
		},
	};
}

/** Repeats a recorded run with our trainer. */
export async function followTrace(
	read: ReadGolden,
	variant: string,
	folder: string,
	run: TraceRun,
): Promise<{ steps: StepMetrics[]; adapter: Adapter }> {
	const model = goldenDecoder(read, `model-${variant}`);
	const start = goldenAdapter(read, `model-${variant}`, startFile(folder, variant, run));
	const recipe = recipeOf(run, start.config);
	const params = paramsOf(deviceLora(model.config, recipe.lora), start);
	const zeros = new Float32Array(params.length);
	const trainer = new Trainer({
		model,
		recipe,
		pairs: goldenPairs(read, `model-${variant}`),
		truncated: 0,
		resume: {
			step: 0,
			params,
			m: zeros,
			v: zeros,
			numTokens: 0,
			samplerSeed: recipe.training.seed,
			referenceLogps: {},
		},
		startPaused: false,
		order: (n) => run.steps[n]!.examples,
	});
	const events: TrainEvent[] = [];
	for await (const event of trainer.run()) events.push(event);
	model.dispose();
	const last = events.at(-1);
	if (last?.type !== 'done') throw new Error(`The run ended with ${JSON.stringify(last)}`);
	return {
		steps: events.flatMap((event) => (event.type === 'step' ? [event.metrics] : [])),
		adapter: last.adapter,
	};
}

/** Largest difference over all numbers of the final adapter. */
export function finalDifference(read: ReadGolden, variant: string, run: TraceRun, adapter: Adapter): number {
	const wanted = goldenAdapter(read, `model-${variant}`, run.final_adapter);
	let largest = 0;
	for (const matrices of wanted.matrices) {
		const got = adapter.matrices.find((m) => m.layer === matrices.layer && m.module === matrices.module);
		if (got === undefined) return Infinity;
		largest = Math.max(
			largest,
			largestDifference(got.loraA, matrices.loraA),
			largestDifference(got.loraB, matrices.loraB),
		);
	}
	return largest;
}

/**
 * Allowed multiple of the noise floor: two f32 runs that sum in different orders are each about one noise
 * floor from the exact run, rarely a few.
 */
const FLOORS = 16;

/**
 * Largest allowed difference: a multiple of the run's noise floor, or of the rounding of its largest number
 * if the floor is below one rounding. Accuracies and learning rates have a floor of 0 and must be equal.
 */
export function tolerance(run: TraceRun, metric: (typeof METRICS)[number] | 'final_adapter'): number {
	if (metric === 'learning_rate') return 1e-15;
	if (metric === 'rewards/accuracies') return 0;
	const floor = run.noise_floor_float32_vs_float64[metric]!;
	const largest =
		metric === 'final_adapter' ? 0 : Math.max(...run.steps.map((step) => Math.abs(step[metric]!)));
	return FLOORS * Math.max(floor, largest * 2 ** -24);
}
