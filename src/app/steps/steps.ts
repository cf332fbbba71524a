/** The steps of a run: one for each noun, and those that only some data methods need. Each step reads the rows of the step before it. */
import type { StageRows } from '#core/pair/methods/method.ts';
import { PIPELINE } from '#core/pipeline.ts';
import type { ComputeEngine } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { AdapterStep } from './adapterStep.svelte.ts';
import { AnswerStep } from './answerStep.svelte.ts';
import { BatchStep } from './batchStep.svelte.ts';
import { EvaluationStep } from './evaluationStep.svelte.ts';
import { JudgementStep } from './judgementStep.svelte.ts';
import { LossStep } from './lossStep.svelte.ts';
import { OutputStep } from './outputStep.svelte.ts';
import { PairStep, type PairStages } from './pairStep.svelte.ts';
import type { AppPorts } from '../ports.ts';
import type { ImportedData } from '../recipe/importedData.svelte.ts';
import { PromptStep } from './promptStep.svelte.ts';
import { RevisionStep } from './revisionStep.svelte.ts';
import { OutputSummary, RevisionSummary } from './stageSummaries.svelte.ts';
import type { StepSummary } from './stepSummary.ts';

export interface Steps {
	prompt: PromptStep;
	output: OutputStep;
	/** Answers of other models, if the data method needs them. */
	answer: AnswerStep;
	revision: RevisionStep;
	/** A judge's verdicts, if the data method needs them. */
	judgement: JudgementStep;
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
	const answer = new AnswerStep(recipe, ports);
	const revision = new RevisionStep(recipe, ports, () => pair.trained);
	const judgement = new JudgementStep(recipe, ports);
	const stages: PairStages = {
		rows: () => stageRows({ output, answer, revision, judgement }),
		progress: (stage) =>
			({ outputs: output, answers: answer, revisions: revision, judgements: judgement })[stage].progress,
	};
	const pair = new PairStep(recipe, stages, imported);
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
	return { prompt, output, answer, revision, judgement, pair, batch, loss, adapter, evaluation };
}

/** The rows that pairs are made from. */
export function stageRows({
	output,
	answer,
	revision,
	judgement,
}: Pick<Steps, 'output' | 'answer' | 'revision' | 'judgement'>): StageRows {
	return {
		outputs: output.outputs,
		answers: answer.outputs,
		revisions: revision.rows,
		judgements: judgement.rows,
	};
}

/** The steps in the order of the data. */
export function stepSummaries(steps: Steps): readonly StepSummary[] {
	const shown = { ...steps, output: new OutputSummary(steps), revision: new RevisionSummary(steps) };
	return PIPELINE.map(({ id }) => shown[id]);
}
