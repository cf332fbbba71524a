/** A small record of a finished run with a row in every list. */
import { initLora, loraLayout, toAdapter } from '#core/adapter/layout.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import { outputId } from '#core/output/output.ts';
import type { TrainerState } from '#core/ports.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { RUN_SCHEMA, type RunRecord } from '#core/run/run.ts';
import { SMALL_MODEL } from './models.ts';

export function runRecord(id: string, outputs = 3): RunRecord {
	const prompts = Array.from({ length: outputs }, (_, i) => ({
		id: `w-${i}`,
		text: `prompt ${i} 🙂`,
		family: 'sums',
	}));
	return {
		schema: RUN_SCHEMA,
		id,
		name: `Run ${id}`,
		createdAt: '2026-11-23T10:00:00.000Z',
		recipe: DEFAULT_RECIPE,
		phase: 'done',
		prompts,
		heldOutPrompts: [],
		heldOutPairs: [],
		outputs: prompts.map((prompt) => ({
			id: outputId(prompt.id, 1),
			prompt,
			text: '<b>answer</b>',
			finishReason: 'stop',
			model: 'm',
			sampling: { temperature: 1, topP: 1, maxTokens: 8, seed: 1 },
			tokens: 2,
		})),
		revisions: [],
		pairs: [],
		plan: null,
		metrics: [],
		trails: [],
		checkpoints: [20],
		heldOut: [
			{ mode: 'greedy', step: 0, answers: [], estimate: { score: 0.4, low: 0.3, high: 0.5, n: 100 } },
			{ mode: 'greedy', step: 20, answers: [], estimate: { score: 0.9, low: 0.85, high: 0.95, n: 100 } },
		],
		device: null,
		seconds: { sampling: 1.5 },
		failure: null,
		versions: { anchorage: '0.1.0' },
	};
}

export function checkpointOf(step: number): { adapter: Adapter; state: TrainerState } {
	const config = { rank: 2, alpha: 4, targetModules: ['q_proj', 'down_proj'] as const };
	const layout = loraLayout(SMALL_MODEL, config);
	const params = initLora(layout, step);
	return {
		adapter: toAdapter(params, layout, { id: `step-${step}`, step, config }),
		state: {
			step,
			params,
			m: params.map((value) => value / 3),
			v: params.map((value) => value * value),
			numTokens: 12_345,
			samplerSeed: 7,
			referenceLogps: { 'w-1.p1': [-12.345678901234567, -1e-30] },
		},
	};
}
