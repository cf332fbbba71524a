/** The training phase: from the last checkpoint or from nothing, with checkpoints kept and held-out scores on the way. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { Cancelled, toWire } from '#core/errors.ts';
import type { AnswersOnTheWay, TrainerState } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { answererOf, type PhaseContext } from './phaseContext.ts';

/**
 * Trains what is left. A stop by the person while it trains goes through `LossStep.stop`, which says whether to keep.
 *
 * @returns true when all steps are done; false when it was stopped before
 * @throws Cancelled · the trainer's AppError, with the last checkpoint kept
 */
export async function trainPhase(context: PhaseContext): Promise<boolean> {
	const { steps, recipe, signal } = context;
	const resume = await lastCheckpoint(context);
	if (resume !== null && resume.step >= recipe.training.steps) {
		forgetAfter(context, resume.step);
		return true;
	}
	if (signal.aborted) throw new Cancelled();
	context.enter('training');
	forgetAfter(context, resume?.step ?? 0);
	await context.save();
	const side = new SideWork(context);
	// A stop asked for before the worker has begun to train must reach it all the same.
	const onAbort = (): void => steps.loss.stop(true);
	signal.addEventListener('abort', onAbort, { once: true });
	try {
		if (resume !== null) await side.scoreMissing(resume.step);
		const outcome = await steps.loss.train(
			{
				runId: context.runId,
				recipe: withScoredSteps(recipe),
				pairs: steps.pair.pairs,
				resume,
				startPaused: context.gate.closed,
				answers: answersOnTheWay(context),
			},
			(step, adapter, state) => side.taken(step, adapter, state),
		);
		await side.finished();
		if (outcome.adapter !== null) await keepCheckpoint(context, outcome.adapter, outcome.state);
		return outcome.kind === 'done';
	} finally {
		signal.removeEventListener('abort', onAbort);
		await side.finished();
		await context.save();
	}
}

/**
 * The trainer hands its adapter over at checkpoints only. So that a score belongs to exactly one step, it is asked for one at
 * every step that is stored or scored; those that are neither are let go.
 */
function withScoredSteps(recipe: Recipe): Recipe {
	const { checkpointEvery, evaluateEvery } = recipe.training;
	return {
		...recipe,
		training: { ...recipe.training, checkpointEvery: commonDivisor(checkpointEvery, evaluateEvery) },
	};
}

/** Null where the trainer's engine answers nothing between steps: no evaluation on the way, or WebLLM answers. */
function answersOnTheWay(context: PhaseContext): AnswersOnTheWay | null {
	const { steps, recipe } = context;
	const { evaluateEvery, steps: last } = recipe.training;
	const asked = evaluateEvery > 0 && evaluateEvery < last && steps.prompt.heldOut.length > 0;
	if (!asked || answererOf(context).engine !== 'compute') return null;
	return steps.evaluation.onTheWay(steps.prompt.heldOut);
}

/** The greatest common divisor; of 0 and n it is n. */
function commonDivisor(a: number, b: number): number {
	return b === 0 ? a : commonDivisor(b, a % b);
}

/** State to go on from: the latest checkpoint that holds one. */
async function lastCheckpoint({ steps }: PhaseContext): Promise<TrainerState | null> {
	for (const step of steps.adapter.checkpoints.toReversed()) {
		const state = await steps.adapter.readState(step);
		if (state !== null) return state;
	}
	return null;
}

/** A store that is full ends no training: the checkpoint stays in memory, and the page says that it is not saved. */
async function keepCheckpoint(
	{ steps, checkpointSaved }: PhaseContext,
	adapter: Adapter,
	state: TrainerState | null,
): Promise<void> {
	try {
		await steps.adapter.addCheckpoint(adapter, state);
		checkpointSaved(null);
	} catch (error) {
		checkpointSaved(toWire(error));
	}
}

/** What was measured after the step that training goes on from will be measured again. */
function forgetAfter({ steps }: PhaseContext, step: number): void {
	steps.adapter.cutAfter(step);
	steps.evaluation.cutAfter(step);
}

/** What happens beside the steps, one thing after the other: checkpoints are stored, and held-out prompts answered. */
class SideWork {
	readonly #context: PhaseContext;
	#queue: Promise<void> = Promise.resolve();

	constructor(context: PhaseContext) {
		this.#context = context;
	}

	/** An adapter and its state, exactly as they were after a step. */
	taken(step: number, adapter: Adapter, state: TrainerState): void {
		const { checkpointEvery } = this.#context.recipe.training;
		if (checkpointEvery > 0 && step % checkpointEvery === 0) {
			this.#add(async () => {
				await keepCheckpoint(this.#context, adapter, state);
				await this.#context.save();
			});
		}
		if (this.#isDue(step)) this.#score(adapter);
	}

	/** A run that was cut short while its checkpoint was being scored has that score still to come. */
	async scoreMissing(step: number): Promise<void> {
		const { evaluation, adapter } = this.#context.steps;
		if (!this.#isDue(step) || evaluation.resultAt('greedy', step) !== null) return;
		const kept = await adapter.read(step);
		if (kept !== null) this.#score(kept);
		await this.#queue;
	}

	/** Settles when all side work is done. What fails in it is shown by its step and does not end the training. */
	async finished(): Promise<void> {
		await this.#queue;
	}

	#isDue(step: number): boolean {
		const { evaluateEvery, steps } = this.#context.recipe.training;
		// The last step is scored after training, in both modes.
		return evaluateEvery > 0 && step % evaluateEvery === 0 && step < steps;
	}

	/** Training waits meanwhile: both want the same device. */
	#score(adapter: Adapter): void {
		const { steps, signal, gate } = this.#context;
		const { evaluation, loss, prompt } = steps;
		if (prompt.heldOut.length === 0) return;
		loss.hold();
		this.#add(async () => {
			try {
				if (signal.aborted) return;
				steps.adapter.hold(adapter);
				const answerer = answererOf(this.#context);
				await evaluation.evaluate(prompt.heldOut, 'greedy', adapter, gate, signal, answerer);
			} finally {
				// A single step asked for meanwhile opened it, for the scoring that it waits for.
				if (loss.wantsPause && !signal.aborted) gate.close();
				loss.release();
			}
		});
	}

	#add(work: () => Promise<void>): void {
		const { steps, signal } = this.#context;
		this.#queue = this.#queue.then(work).catch((error: unknown) => {
			// The training is worth more than a score: say it, and go on.
			if (!signal.aborted) steps.evaluation.error = toWire(error);
		});
	}
}
