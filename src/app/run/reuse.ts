/** Work that a new run reuses from another: nothing is done twice if its part of the recipe is the same. Pure. */
import type { HeldOutResult } from '#core/evaluation/evaluation.ts';
import type { Judgement } from '#core/judgement/judgement.ts';
import type { Output } from '#core/output/output.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { sharedWork, type SharedWork } from '#core/recipe/sharedWork.ts';
import type { Revision } from '#core/revision/revision.ts';
import { NO_RESULTS, type SideEffectResults } from '../steps/sideEffects.svelte.ts';
import type { Steps } from '../steps/steps.ts';

export interface Reusable {
	reused: readonly SharedWork[];
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

/** A recipe and the steps that it filled: a run, or a set that another data method made. */
export interface EarlierWork {
	readonly recipe: Recipe;
	readonly steps: Steps;
}

/**
 * Work that the recipes allow to reuse; `reusableFor` then limits it to the new run's prompts.
 *
 * @param earlier in order: of two answers to the same request the first one counts
 */
export function reusableOf(next: Recipe, earlier: readonly EarlierWork[]): Reusable {
	const all = earlier.map((before) => workOf(next, before));
	return named({
		outputs: onceEach(all.flatMap(({ outputs }) => outputs)),
		answers: onceEach(all.flatMap(({ answers }) => answers)),
		revisions: all.flatMap(({ revisions }) => revisions),
		judgements: all.flatMap(({ judgements }) => judgements),
		heldOut: longest(all.map(({ heldOut }) => heldOut)),
		sideEffects: {
			untouched: longest(all.map(({ sideEffects }) => sideEffects.untouched)),
			panel: longest(all.map(({ sideEffects }) => sideEffects.panel)),
		},
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

/** The results of the run that has most of them; the first one of equals. */
function longest<Result>(results: readonly (readonly Result[])[]): readonly Result[] {
	return results.reduce((best, next) => (next.length > best.length ? next : best), []);
}

function workOf(next: Recipe, { recipe, steps }: EarlierWork): Reusable {
	const shared = sharedWork(next, recipe);
	const rows = <Row>(kind: SharedWork, made: readonly Row[]): readonly Row[] =>
		shared.has(kind) ? made : [];
	const { results, sideEffects } = steps.evaluation;
	return named({
		outputs: rows('outputs', steps.output.outputs),
		answers: rows('answers', steps.answer.outputs),
		// The steps match replies by the texts that they are about.
		revisions: rows('revisions', steps.revision.rows).filter(({ attempts }) => attempts > 0),
		judgements: rows('judgements', steps.judgement.rows).filter(({ attempts }) => attempts > 0),
		heldOut: rows('held-out before', results).filter(isOfBase),
		sideEffects: {
			untouched: rows('held-out before', sideEffects.untouched).filter(isOfBase),
			panel: rows('held-out before', sideEffects.panel).filter(isOfBase),
		},
	});
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
	const reused: SharedWork[] = [];
	if (outputs.length > 0) reused.push('outputs');
	if (answers.length > 0) reused.push('answers');
	if (revisions.length > 0) reused.push('revisions');
	if (judgements.length > 0) reused.push('judgements');
	if (heldOut.length > 0) reused.push('held-out before');
	return { reused, ...rows };
}
