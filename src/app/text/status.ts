/**
 * The sentence of the "now" strip, phase by phase: present tense, what happens, then what for; afterwards what came out, with
 * what did not work. Pure.
 */
import type { GroupedComparison, HeldOutRewards, PairedComparison } from '#core/evaluation/evaluation.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunPhase } from '#core/run/run.ts';
import { families } from '#core/world/families.ts';
import { numeral } from '#core/world/text.ts';
import { counted, listed } from './format.ts';

/** Families that are named one by one. */
const FEW = 3;

function trainingSentence(recipe: Recipe): string {
	const pairs = recipe.training.batchPairs * recipe.training.accumulationSteps;
	const { title, does } = objectiveOf(recipe.objective.id);
	return `Each step takes ${numeral(pairs)} ${pairs === 1 ? 'pair' : 'pairs'} and nudges the adapter. ${title} ${withinSentence(does)}`;
}

/** What happens in a phase and what for. */
export function phaseSentence(phase: RunPhase, recipe: Recipe): string {
	const { count } = recipe.evaluation;
	switch (phase) {
		case 'idle':
			return '';
		case 'loading':
			return 'The model’s files are read into both engines: one answers, the other trains, and both hold the same weights.';
		case 'sampling':
			return 'The model answers every prompt as it would today, flaws and all: these answers are what the teacher corrects.';
		case 'revising':
			return 'The reviser improves each answer and changes as little as it can, so that a pair differs only in what matters.';
		case 'evaluating-before':
			return `Before training, the model answers ${counted(count, 'prompt')} that it will never train on: what comes later is measured against this.`;
		case 'training':
			return trainingSentence(recipe);
		case 'evaluating-after':
			return `The held-out ${count === 1 ? 'prompt' : 'prompts'} again, now with the adapter on: what it learned shows, and what it lost.`;
		case 'done':
			return 'The run is done.';
	}
}

export const REVIEW_SENTENCE =
	'The reviser was asked to improve each answer and change as little as it could. What you accept becomes a pair; nothing is lost if you set it aside.';

/** Before training's first step: tokens, reference log-probabilities, pipelines. */
export const PREPARING_SENTENCE =
	'Before the first step, the untrained model’s own probability of every answer is written down: all later rewards are measured from it.';

const STOPPED: Readonly<Partial<Record<RunPhase, string>>> = {
	loading: 'Stopped while loading. Nothing was lost; go on loads the rest.',
	sampling:
		'Stopped while the model was answering. The answers so far are kept, and go on asks for the rest.',
	revising: 'Stopped while revising. The revisions so far are kept, and go on asks for the rest.',
	'evaluating-before':
		'Stopped while scoring. Answers, revisions and pairs are kept; go on scores, then trains.',
	training: 'Training was stopped. Go on takes it up from the last checkpoint.',
	'evaluating-after': 'Stopped while scoring. The adapter is trained and kept; go on scores it.',
};

export function stoppedSentence(phase: RunPhase): string {
	return STOPPED[phase] ?? 'Stopped. What was done is kept.';
}

/** What happened where an engine was lost and the run goes on by itself. */
export function lossSentence(
	phase: RunPhase,
	{ loss, adapter }: { loss: { step: number }; adapter: { latestStep: number | null } },
): string {
	const opening = 'The graphics device or its worker was lost';
	if (phase !== 'training')
		return `${opening}; the run went on with new ones, and nothing that was done is lost.`;
	return adapter.latestStep === null
		? `${opening} at step ${loss.step}, before the first checkpoint; training began anew with new ones.`
		: `${opening} at step ${loss.step}; training went on with new ones from the checkpoint of step ${adapter.latestStep}.`;
}

/** Where a stored run was cut short: "at step 20 of 100", "while the model answered". */
export function cutShortAt(run: { phase: RunPhase; step: number; recipe: Recipe }): string {
	const atStep = `at step ${run.step} of ${run.recipe.training.steps}`;
	switch (run.phase) {
		case 'training':
			return atStep;
		case 'sampling':
			return 'while the model answered';
		case 'revising':
			return 'while revising';
		case 'evaluating-before':
			return 'while scoring, before training';
		case 'evaluating-after':
			return 'while scoring, after training';
		case 'idle':
		case 'loading':
		case 'done':
			// Going on begins with loading, wherever the run stands.
			return run.step > 0 ? atStep : 'while loading';
	}
}

export interface StatusFacts {
	recipe: Recipe;
	transport: 'idle' | 'running' | 'paused' | 'stopped' | 'review' | 'done' | 'failed';
	phase: RunPhase;
	failure: { title: string } | null;
	steps: {
		loss: { phase: string };
		evaluation: {
			comparison: PairedComparison | null;
			byFamily: readonly GroupedComparison[];
			ranked: { rewards: HeldOutRewards } | null;
		};
	};
}

/** The one sentence of the strip. */
export function statusSentence({ recipe, transport, phase, failure, steps }: StatusFacts): string {
	switch (transport) {
		case 'idle':
			return '';
		case 'failed':
			return failure?.title ?? stoppedSentence(phase);
		case 'stopped':
			return stoppedSentence(phase);
		case 'review':
			return REVIEW_SENTENCE;
		case 'done':
			return doneSentence(steps.evaluation);
		case 'running':
		case 'paused':
			return phase === 'training' && steps.loss.phase === 'preparing'
				? PREPARING_SENTENCE
				: phaseSentence(phase, recipe);
	}
}

/** Where no rubric scores the answers, what can be said is how held-out pairs are ranked. */
function doneSentence({ comparison, byFamily, ranked }: StatusFacts['steps']['evaluation']): string {
	if (comparison !== null || ranked === null) return resultSentence(comparison, byFamily);
	const { accuracy } = ranked.rewards;
	const inOrder = Math.round(accuracy.score * accuracy.n);
	return `Of ${counted(accuracy.n, 'pair')} that it never trained on, the tuned model now ranks ${inOrder} as you did. No rubric scores these answers: read them.`;
}

/** What came out, with what did not work: "it learned seven families of eight; sums did not move by more than chance." */
export function resultSentence(
	comparison: PairedComparison | null,
	byFamily: readonly GroupedComparison[],
): string {
	if (comparison === null) return 'The run is done. There is no held-out score to compare.';
	const { n } = comparison.after;
	const opening = `Measured on ${n === 1 ? 'one prompt' : `${n} prompts`} that it never trained on:`;
	if (byFamily.length < 2) return `${opening} ${overall(comparison)}`;
	const learned = byFamily.filter((group) => group.difference.low > 0);
	const lost = byFamily.filter((group) => group.difference.high < 0);
	const still = byFamily.filter((group) => group.difference.low <= 0 && group.difference.high >= 0);
	return `${opening} ${familySentence(byFamily.length, learned.length, still, lost)}`;
}

function overall({ difference }: PairedComparison): string {
	if (difference.low > 0) return `the tuned model scores ${difference.score.toFixed(2)} higher.`;
	if (difference.high < 0) return `the tuned model scores ${Math.abs(difference.score).toFixed(2)} lower.`;
	return 'base and tuned model cannot be told apart by their scores.';
}

function familySentence(
	total: number,
	learned: number,
	still: readonly GroupedComparison[],
	lost: readonly GroupedComparison[],
): string {
	if (learned === 0 && lost.length === 0) return 'no family moved by more than chance.';
	const parts = [
		learned === total
			? `it learned all ${numeral(total)} families`
			: `it learned ${numeral(learned)} ${learned === 1 ? 'family' : 'families'} of ${numeral(total)}`,
	];
	if (still.length > 0 && learned + lost.length > 0)
		parts.push(`${named(still, total)} did not move by more than chance`);
	if (lost.length > 0) parts.push(`${named(lost, total)} got worse`);
	return `${parts.join('; ')}.`;
}

/** By name where they are few, else by number. */
function named(groups: readonly GroupedComparison[], total: number): string {
	if (groups.length > FEW) return groups.length === total ? 'all' : `the other ${numeral(groups.length)}`;
	return listed(groups.map((group) => familyName(group.group)));
}

/** As the page names it, within a sentence: "past tense", "JSON". */
function familyName(id: string): string {
	return withinSentence(families.find((family) => family.id === id)?.name ?? id);
}

/** Without a capital at the start, except in names such as "JSON". */
function withinSentence(text: string): string {
	return /^\p{Lu}\p{Ll}/u.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
