/** Summaries of nouns whose work depends on the data method: answers of the model and of others, revisions or judgements. */
import type { DataStage } from '#core/pair/methods/method.ts';
import type { AnswerStep } from './answerStep.svelte.ts';
import type { JudgementStep } from './judgementStep.svelte.ts';
import type { OutputStep } from './outputStep.svelte.ts';
import type { PairStep } from './pairStep.svelte.ts';
import type { RevisionStep } from './revisionStep.svelte.ts';
import { figure, type Figure, type StepState, type StepSummary } from './stepSummary.ts';

interface Stages {
	output: OutputStep;
	answer: AnswerStep;
	revision: RevisionStep;
	judgement: JudgementStep;
	pair: PairStep;
}

const has = ({ pair }: Stages, stage: DataStage): boolean => pair.method.stages.includes(stage);

/** Output: the model's own answers, those of other models, or both. */
export class OutputSummary implements StepSummary {
	readonly noun = 'output';
	readonly #stages: Stages;

	readonly progress: number = $derived.by(() => {
		const { output, answer } = this.#stages;
		const parts = [
			...(has(this.#stages, 'outputs') ? [output.progress] : []),
			...(has(this.#stages, 'answers') ? [answer.progress] : []),
		];
		return parts.length === 0 ? 0 : parts.reduce((sum, part) => sum + part, 0) / parts.length;
	});
	readonly state: StepState = $derived.by(() => {
		const { output, answer } = this.#stages;
		if (!has(this.#stages, 'answers')) return output.state;
		if (output.sampling || answer.asking) return 'running';
		if (answer.stopped !== null) return 'failed';
		if (output.done + answer.done === 0) return 'empty';
		return this.progress < 1 ? 'partial' : 'done';
	});
	readonly figure: Figure = $derived.by(() => {
		const { output, answer } = this.#stages;
		if (!has(this.#stages, 'answers')) return output.figure;
		if (this.state === 'empty')
			return has(this.#stages, 'outputs') ? output.figure : figure('of other models');
		const own = has(this.#stages, 'outputs') ? `**${output.done}** and ` : '';
		return figure(`${own}**${answer.done}** of others`);
	});

	constructor(stages: Stages) {
		this.#stages = stages;
	}
}

/** Revision: the reviser's edits, or a judge's verdicts. */
export class RevisionSummary implements StepSummary {
	readonly noun = 'revision';
	readonly #stages: Stages;

	readonly #step: StepSummary = $derived.by(() =>
		has(this.#stages, 'judgements') ? this.#stages.judgement : this.#stages.revision,
	);
	readonly progress: number = $derived(this.#step.progress);
	readonly state: StepState = $derived(this.#step.state);
	readonly figure: Figure = $derived(this.#step.figure);

	constructor(stages: Stages) {
		this.#stages = stages;
	}
}
