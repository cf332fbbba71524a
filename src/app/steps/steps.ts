/** The eight steps of a run, one for each noun. Each step reads the rows of the step before it. */
import { PIPELINE } from '#core/pipeline.ts';
import type { ComputeEngine } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { AdapterStep } from './adapterStep.svelte.ts';
import { BatchStep } from './batchStep.svelte.ts';
import { EvaluationStep } from './evaluationStep.svelte.ts';
import { LossStep } from './lossStep.svelte.ts';
import { OutputStep } from './outputStep.svelte.ts';
import { PairStep, type PairStages } from './pairStep.svelte.ts';
import type { AppPorts } from '../ports.ts';
import type { ImportedData } from '../recipe/importedData.svelte.ts';
import { PromptStep } from './promptStep.svelte.ts';
import { RevisionStep } from './revisionStep.svelte.ts';
import type { StepSummary } from './stepSummary.ts';

export interface Steps {
	prompt: PromptStep;
	output: OutputStep;
	revision: RevisionStep;
	pair: PairStep;
	batch: BatchStep;
	loss: LossStep;
	adapter: AdapterStep;
	evaluation: EvaluationStep;
}

export interface StepSources {
	recipe: () => Recipe;
	/** The run in the store; null if it is not kept. */
	runId: () => string | null;
	compute: ComputeEngine;
	imported: ImportedData;
	ports: AppPorts;
}

export function createSteps({ recipe, runId, compute, imported, ports }: StepSources): Steps {
	const prompt = new PromptStep(recipe, imported.prompts);
	const output = new OutputStep(recipe, ports);
	const revision = new RevisionStep(recipe, ports);
	const stages: PairStages = {
		rows: () => ({ outputs: output.outputs, revisions: revision.rows }),
		progress: (stage) => ({ outputs: output, revisions: revision })[stage].progress,
	};
	const pair = new PairStep(recipe, stages, imported.pairs);
	const loss = new LossStep(recipe, compute, ports);
	const batch = new BatchStep(recipe, compute, {
		pairs: () => pair.pairs,
		step: () => loss.step,
		running: () => loss.phase === 'running',
		plan: () => loss.plan,
	});
	const adapter = new AdapterStep(recipe, ports.store, {
		step: () => loss.step,
		active: () => loss.active,
		failed: () => loss.phase === 'failed',
		runId,
	});
	const evaluation = new EvaluationStep(recipe, compute, ports, () => pair.heldOut);
	return { prompt, output, revision, pair, batch, loss, adapter, evaluation };
}

/** The steps in the order of the data. */
export function stepSummaries(steps: Steps): readonly StepSummary[] {
	return PIPELINE.map(({ id }) => steps[id]);
}
