/**
 * Time of a run on a device that has not run it, to tell minutes from hours. A measured run replaces it (app/recipe/estimate.ts).
 */
import type { DeviceReport } from '../device/report.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { PROMPT_TOKENS, stepRows } from './memory.ts';
import type { ModelConfig } from './model.ts';
import { parametersOf } from './parameters.ts';

/** Operations per second while training: of a laptop’s GPU, of WebGPU on a processor (SwiftShader), and of wasm. */
const SPEED = { gpu: 5e11, software: 1e10, wasm: 4e10 } as const;
/** Operations per parameter and token of a forward pass, and of a training step with recomputed activations. */
const FORWARD = 2;
const STEP = 7;
/** Sampling reads all weights for every token, so that its arithmetic is slower than training's. */
const SAMPLING_SLOWER = 3;

/** Longest run that most people wait for, seconds. */
export const SENSIBLE_SECONDS = 3600;

/** Seconds of the recipe's whole run, about. */
export function runSeconds(config: ModelConfig, recipe: Recipe, device: DeviceReport | null): number {
	const { prompts, sampling, training, evaluation } = recipe;
	const trained = training.steps * training.accumulationSteps * stepRows(config, recipe);
	const scores = 2 + (training.evaluateEvery === 0 ? 0 : training.steps / training.evaluateEvery);
	const sampled =
		prompts.count * (PROMPT_TOKENS + sampling.maxTokens) +
		scores * evaluation.count * (PROMPT_TOKENS + evaluation.maxTokens);
	const operations = parametersOf(config) * (STEP * trained + FORWARD * SAMPLING_SLOWER * sampled);
	return operations / SPEED[kindOf(device)];
}

function kindOf(device: DeviceReport | null): keyof typeof SPEED {
	if (device === null) return 'gpu';
	if (device.backend !== 'webgpu') return 'wasm';
	return device.architecture === 'swiftshader' ? 'software' : 'gpu';
}
