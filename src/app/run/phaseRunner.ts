/** Walks the phases of a run. Each does only the missing work, so that walking again continues an unfinished run. */
import { AppError, Cancelled } from '#core/errors.ts';
import { isEngineLoss } from '../engines/engineLoss.ts';
import { interruptionSentence } from '../text/status.ts';
import type { PhaseContext } from './phaseContext.ts';
import { hasStage, pairsAreFixed, type Phase } from './phases/phase.ts';
import { DATA_PHASES, LEARNING_PHASES } from './phases/registry.ts';

/** How the phases ended without an error. */
export type PhasesEnd = 'done' | 'review' | 'stopped';

/**
 * Runs the phases. After an engine loss, restarts the engines and retries once; a second loss at the same point fails the run.
 *
 * @throws Cancelled when the signal fires · the AppError that stopped the run; finished work is kept in the steps
 */
export async function runPhases(context: PhaseContext): Promise<PhasesEnd> {
	for (let lostAt: string | null = null; ;) {
		const { generation } = context.engines;
		try {
			return await walkAll(context);
		} catch (error) {
			const point = progressFingerprint(context);
			if (!isEngineLoss(error) || context.signal.aborted || point === lostAt) throw error;
			lostAt = point;
			context.interrupted(interruptionSentence(context.phase(), context.steps));
			await context.save();
			await context.engines.restart(generation);
		}
	}
}

/**
 * Runs the phases that make the pairs, without their training.
 *
 * @throws like `runPhases`; the loss of an engine, too
 */
export async function runDataPhases(context: PhaseContext): Promise<void> {
	await walk(DATA_PHASES, context);
}

async function walkAll(context: PhaseContext): Promise<PhasesEnd> {
	await walk(DATA_PHASES, context);
	if (!pairsAreFixed(context.steps)) {
		if (context.reviewFirst() && hasStage(context.recipe, 'revisions')) return 'review';
		fixPairs(context);
	}
	if ((await walk(LEARNING_PHASES, context)) === 'stopped') return 'stopped';
	await leaveAdapterOn(context);
	context.enter('done');
	await context.save();
	return 'done';
}

async function walk(phases: readonly Phase[], context: PhaseContext): Promise<'finished' | 'stopped'> {
	for (const phase of phases) {
		phase.prepare?.(context);
		if (!(await phase.isNeeded(context))) continue;
		if (context.signal.aborted) throw new Cancelled();
		context.enter(phase.id);
		if ((await phase.run(context)) === 'stopped') return 'stopped';
	}
	return 'finished';
}

/** From here on the pairs no longer follow the revisions. */
function fixPairs({ steps: { pair } }: PhaseContext): void {
	// Imported pairs were fixed when the run started.
	if (pair.method.source === 'prompts') pair.fix();
	if (pair.pairs.length === 0) throw noPairs(pair);
}

function noPairs({ method, leftOutCounts }: PhaseContext['steps']['pair']): AppError {
	const counts = [...leftOutCounts];
	const reasons = counts.map(([reason, n]) => `${method.leftOutReasons[reason]?.text ?? reason} (${n})`);
	const leftOut = reasons.length === 0 ? '' : ` Left out because ${reasons.join('; ')}.`;
	return new AppError(`The data method “${method.title}” gave no pairs, so there is nothing to train on.`, {
		code: 'no-pairs',
		hint: `Use more prompts, or change how the recipe makes pairs.${leftOut}`,
		context: { method: method.id, ...Object.fromEntries(counts) },
	});
}

/** Writes the trained adapter into the engine that answers, so that the first question after the run meets the tuned model. */
async function leaveAdapterOn({ steps, engines, models, signal }: PhaseContext): Promise<void> {
	if (signal.aborted) throw new Cancelled();
	const { adapter } = steps;
	const trained = adapter.latestStep === null ? null : await adapter.read(adapter.latestStep);
	await engines.turns.take(() => models.loadedTarget.setAdapter(trained, trained === null ? 0 : 1));
}

/** Fingerprint of a run's progress; an unchanged fingerprint means that the retry achieved nothing. */
function progressFingerprint({ phase, steps }: PhaseContext): string {
	const { output, answer, revision, judgement, evaluation, adapter } = steps;
	const evaluated = evaluation.results.length + evaluation.sideEffects.done;
	const settled = [output.done, answer.done, revision.asked, judgement.settled];
	return [phase(), ...settled, evaluated, adapter.latestStep ?? 0].join(' ');
}
