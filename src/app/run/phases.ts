/**
 * The loop's phases in order. Each does only what is missing, so that running them again goes on where a stop, a failure or a
 * reload cut the run short. Read `runPhases` first.
 */
import { AppError, Cancelled, fromWire } from '#core/errors.ts';
import type { TargetModel } from '#core/ports.ts';
import type { RunPhase } from '#core/run/run.ts';
import type { Mode } from '../steps/evaluationViews.ts';
import { answererOf, type PhaseContext } from './phaseContext.ts';
import type { Steps } from '../steps/steps.ts';
import { trainPhase } from './trainPhase.ts';

/** How the phases ended, where no error did. */
export type PhasesEnd = 'done' | 'review' | 'training-stopped';

const MODES: readonly Mode[] = ['greedy', 'sampled'];

/**
 * Runs what is left of a run.
 *
 * @throws Cancelled when the signal fires · the AppError that stopped it; what was done is kept in the steps
 */
export async function runPhases(context: PhaseContext): Promise<PhasesEnd> {
	const { steps, recipe, enter, save } = context;
	enter('loading');
	const model = await context.engines.load(recipe.model, context.signal);
	// Beside the samples; a failure comes again where training needs what failed, and is told there.
	context.engines.compute.prepare(recipe).catch(() => undefined);
	await save();
	if (!trainingBegan(context)) {
		if (recipe.pairs.method === 'clair') {
			await sample(context, model);
			await revise(context);
			if (context.reviewFirst()) return 'review';
			steps.pair.fix();
		}
		expectPairs(context);
	}
	await evaluateMissing(context, 'evaluating-before');
	if (!(await trainPhase(context))) return 'training-stopped';
	await evaluateMissing(context, 'evaluating-after');
	await giveAdapter(context, model);
	enter('done');
	await save();
	return 'done';
}

/** How far a run has come, as one word: where it is the same after another try, the try brought nothing. */
export function progressFingerprint(
	phase: RunPhase,
	{ output, revision, evaluation, adapter }: Steps,
): string {
	return [phase, output.done, revision.asked, evaluation.results.length, adapter.latestStep ?? 0].join(' ');
}

/** Once a step is trained, the pairs stand: decisions made later are for the next run. */
function trainingBegan({ steps }: PhaseContext): boolean {
	return steps.loss.step > 0 && steps.pair.pairs.length > 0;
}

async function sample(context: PhaseContext, model: TargetModel): Promise<void> {
	const { steps, gate, signal } = context;
	const { output } = steps;
	if (output.rows.length > 0 && output.done === output.rows.length) return;
	context.enter('sampling');
	try {
		await context.engines.inTurn(async () => {
			await model.setAdapter(null, 0);
			await output.sample(model, gate, signal, context.saveSometimes);
		});
	} finally {
		await context.save();
	}
	const firstFailure = output.rows.find((row) => row.error !== null)?.error;
	if (output.done === 0 && firstFailure) throw fromWire(firstFailure);
}

async function revise(context: PhaseContext): Promise<void> {
	const { steps, gate, signal, recipe } = context;
	const { output, revision } = steps;
	if (!context.reviseTheRest) return;
	revision.prepare(output.outputs, revision.rows);
	if (revision.asked === revision.rows.length && revision.counts.failed === 0) return;
	context.enter('revising');
	try {
		await revision.revise(context.reviser.model(recipe.reviser), gate, signal, context.saveSometimes);
	} finally {
		await context.save();
	}
	const firstFailure = revision.rows.find((row) => row.error !== null)?.error;
	if (revision.counts.failed === revision.rows.length && firstFailure) throw fromWire(firstFailure);
}

function expectPairs({ steps }: PhaseContext): void {
	if (steps.pair.pairs.length > 0) return;
	const { counts } = steps.revision;
	throw new AppError('No pair came of the revisions, so there is nothing to train on.', {
		code: 'no-pairs',
		hint: 'Take more prompts, loosen the filter, or look at the revisions: what was left out says why.',
		context: {
			revisions: steps.revision.rows.length,
			rejected: counts.rejected,
			setAside: counts['set-aside'],
		},
	});
}

/** Answers the held-out prompts in every mode that has no result yet: before training at step 0, after it at the last step. */
async function evaluateMissing(
	context: PhaseContext,
	phase: 'evaluating-before' | 'evaluating-after',
): Promise<void> {
	const { steps, gate, signal } = context;
	const { evaluation, prompt } = steps;
	if (prompt.heldOut.length === 0) return;
	const step = phase === 'evaluating-before' ? 0 : (steps.adapter.latestStep ?? 0);
	if (phase === 'evaluating-after' && step === 0) return;
	const missing = MODES.filter((mode) => evaluation.resultAt(mode, step) === null);
	if (missing.length === 0) return;
	context.enter(phase);
	const adapter = step === 0 ? null : await steps.adapter.read(step);
	for (const mode of missing) {
		await evaluation.evaluate(prompt.heldOut, mode, adapter, gate, signal, answererOf(context));
		await context.save();
	}
}

/** Writes the trained adapter into the engine that answers, so that the first question after the run meets the tuned model. */
async function giveAdapter(context: PhaseContext, model: TargetModel): Promise<void> {
	if (context.signal.aborted) throw new Cancelled();
	const { adapter } = context.steps;
	const trained = adapter.latestStep === null ? null : await adapter.read(adapter.latestStep);
	await context.engines.inTurn(() => model.setAdapter(trained, trained === null ? 0 : 1));
}
