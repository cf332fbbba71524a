/** Work that a new run reuses from another: nothing is done twice if its part of the recipe is the same. Pure. */
import type { HeldOutResult } from '#core/evaluation/evaluation.ts';
import type { Judgement } from '#core/judgement/judgement.ts';
import type { Output } from '#core/output/output.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import { askedJudge, askedReviser, replyKey, type AskedModel } from '#core/recipe/askedModel.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { answeringModels } from '../steps/answerStep.svelte.ts';
import type { Revision } from '#core/revision/revision.ts';
import { NO_RESULTS, type SideEffectResults } from '../steps/sideEffects.svelte.ts';
import type { Steps } from '../steps/steps.ts';

/** Kinds of work that are reused. */
export type Reused = 'outputs' | 'answers' | 'revisions' | 'judgements' | 'held-out before';

export interface Reusable {
	reused: readonly Reused[];
	outputs: readonly Output[];
	answers: readonly Output[];
	revisions: readonly Revision[];
	judgements: readonly Judgement[];
	heldOut: readonly HeldOutResult[];
	sideEffects: SideEffectResults;
}

export const NOTHING_REUSABLE: Reusable = {
	reused: [],
	outputs: [],
	answers: [],
	revisions: [],
	judgements: [],
	heldOut: [],
	sideEffects: NO_RESULTS,
};

function same(a: Recipe, b: Recipe, ...parts: (keyof Recipe)[]): boolean {
	return parts.every((part) => JSON.stringify(a[part]) === JSON.stringify(b[part]));
}

/** True if both recipes get the same replies from these models: how fast and how often they are asked does not matter. */
function sameModels(a: readonly AskedModel[], b: readonly AskedModel[]): boolean {
	return a.map(replyKey).join() === b.map(replyKey).join();
}

/** A recipe and the steps that it filled: a run, or a set that another data method made. */
export interface EarlierWork {
	recipe: Recipe;
	steps: Steps;
}

/**
 * Work that the recipes allow to reuse; `reusableFor` then limits it to the new run's prompts.
 *
 * @param earlier in order: of two answers to the same request the first one counts
 */
export function reusableOf(next: Recipe, earlier: readonly EarlierWork[]): Reusable {
	const all = earlier.map((before) => reusableFrom(next, before));
	const [first = NOTHING_REUSABLE] = all.filter(({ heldOut }) => heldOut.length > 0);
	return named({
		outputs: onceEach(all.flatMap(({ outputs }) => outputs)),
		answers: onceEach(all.flatMap(({ answers }) => answers)),
		revisions: all.flatMap(({ revisions }) => revisions),
		judgements: all.flatMap(({ judgements }) => judgements),
		heldOut: first.heldOut,
		sideEffects: first.sideEffects,
	});
}

/** An id names the request: prompt, model and place in the seeded order. */
function onceEach<Row extends { id: string; model: string }>(rows: readonly Row[]): readonly Row[] {
	const known = new Map<string, Row>();
	for (const row of rows) {
		const key = `${row.id} ${row.model}`;
		if (!known.has(key)) known.set(key, row);
	}
	return [...known.values()];
}

function reusableFrom(next: Recipe, before: EarlierWork): Reusable {
	const { recipe, steps } = before;
	const sameModel = same(next, recipe, 'model', 'begin');
	const rows = {
		...answersOf(next, before, sameModel),
		...repliesOf(next, before),
	};
	if (!sameModel || !same(next, recipe, 'evaluation', 'prompts'))
		return named({ ...rows, heldOut: [], sideEffects: NO_RESULTS });
	const { results, sideEffects } = steps.evaluation;
	return named({
		...rows,
		heldOut: results.filter(isOfBase),
		sideEffects: {
			untouched: sideEffects.untouched.filter(isOfBase),
			panel: sideEffects.panel.filter(isOfBase),
		},
	});
}

/** Answers of the target model, and of other models, which do not depend on it. */
function answersOf(
	next: Recipe,
	{ recipe, steps }: EarlierWork,
	sameModel: boolean,
): Pick<Reusable, 'outputs' | 'answers'> {
	const method = methodOf(next.pairs.method);
	const samePrompts = same(next, recipe, 'prompts');
	const sampled =
		sameModel && samePrompts && same(next, recipe, 'sampling') && method.stages.includes('outputs');
	const { answersBy } = methodOf(recipe.pairs.method);
	const answered =
		samePrompts &&
		method.answersBy !== undefined &&
		method.answersBy === answersBy &&
		sameModels(answeringModels(next, method), answeringModels(recipe, method));
	return { outputs: sampled ? steps.output.outputs : [], answers: answered ? steps.answer.outputs : [] };
}

/** Replies about answers. The steps match them by the texts that they are about. */
function repliesOf(next: Recipe, { recipe, steps }: EarlierWork): Pick<Reusable, 'revisions' | 'judgements'> {
	const { stages } = methodOf(next.pairs.method);
	const revised = stages.includes('revisions') && sameModels([askedReviser(next)], [askedReviser(recipe)]);
	const judged = stages.includes('judgements') && sameModels([askedJudge(next)], [askedJudge(recipe)]);
	return {
		revisions: revised ? steps.revision.rows.filter(({ attempts }) => attempts > 0) : [],
		judgements: judged ? steps.judgement.rows.filter(({ attempts }) => attempts > 0) : [],
	};
}

/** Imported prompts and pairs are not part of the recipe: equal recipes can have different data, so rows are matched by prompt. */
export function reusableFor(
	{ outputs, answers, revisions, judgements, heldOut, sideEffects }: Reusable,
	prompts: readonly Prompt[],
	heldOutPrompts: readonly Prompt[],
): Reusable {
	const wanted = new Set(prompts.map(({ id }) => id));
	return named({
		outputs: outputs.filter(({ prompt }) => wanted.has(prompt.id)),
		answers: answers.filter(({ prompt }) => wanted.has(prompt.id)),
		revisions: revisions.filter(({ output }) => wanted.has(output.prompt.id)),
		judgements: judgements.filter(({ prompt }) => wanted.has(prompt.id)),
		heldOut: heldOut.filter((result) => isOf(result, heldOutPrompts)),
		sideEffects,
	});
}

function isOfBase({ step }: { step: number }): boolean {
	return step === 0;
}

/** True if the result answers, or leaves out, exactly these prompts. */
function isOf({ answers, leftOut = [] }: HeldOutResult, prompts: readonly Prompt[]): boolean {
	const without = new Set(leftOut.map(({ id }) => id));
	const expected = prompts.filter(({ id }) => !without.has(id)).map(({ id }) => id);
	return (
		answers.length + leftOut.length === prompts.length &&
		answers.map(({ prompt }) => prompt.id).join() === expected.join()
	);
}

function named(rows: Omit<Reusable, 'reused'>): Reusable {
	const { outputs, answers, revisions, judgements, heldOut } = rows;
	const reused: Reused[] = [];
	if (outputs.length > 0) reused.push('outputs');
	if (answers.length > 0) reused.push('answers');
	if (revisions.length > 0) reused.push('revisions');
	if (judgements.length > 0) reused.push('judgements');
	if (heldOut.length > 0) reused.push('held-out before');
	return { reused, ...rows };
}
