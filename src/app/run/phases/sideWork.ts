/** Work beside the training steps, one item after the other: stores checkpoints and answers held-out prompts. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { toWire } from '#core/errors.ts';
import type { TrainerState } from '#core/ports.ts';
import { answererOf, type PhaseContext } from '../phaseContext.ts';

/** A full store does not end the training: the checkpoint stays in memory, and the page says that it is not saved. */
export async function keepCheckpoint(
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

/** A save writes the whole run, so the number of saves must not grow with its length: at most about this many during training. */
const SAVES = 100;

export class SideWork {
	readonly #context: PhaseContext;
	#savedStep = -Infinity;
	#queue: Promise<void> = Promise.resolve();

	constructor(context: PhaseContext) {
		this.#context = context;
	}

	/** @param adapter the exact adapter after the step, like `state` */
	onCheckpoint(step: number, adapter: Adapter, state: TrainerState): void {
		const { checkpointEvery } = this.#context.recipe.training;
		if (checkpointEvery > 0 && step % checkpointEvery === 0) {
			this.#add(async () => {
				await keepCheckpoint(this.#context, adapter, state);
				if (this.#isTimeToSave(step)) await this.#context.save();
			});
		}
		if (this.#isDue(step)) this.#score(adapter);
	}

	/** Scores the checkpoint that training resumes from, if the run ended before it was scored. */
	async scoreMissing(step: number): Promise<void> {
		const { evaluation, adapter } = this.#context.steps;
		if (!this.#isDue(step) || evaluation.resultAt('greedy', step) !== null) return;
		const kept = await adapter.read(step);
		if (kept !== null) this.#score(kept);
		await this.#queue;
	}

	/** Settles when all side work is done. A failure in it is shown by its step and does not end the training. */
	async finished(): Promise<void> {
		await this.#queue;
	}

	#isTimeToSave(step: number): boolean {
		if (step - this.#savedStep < this.#context.recipe.training.steps / SAVES) return false;
		this.#savedStep = step;
		return true;
	}

	#isDue(step: number): boolean {
		const { evaluateEvery, steps } = this.#context.recipe.training;
		// The last step is scored after training, in both modes.
		return evaluateEvery > 0 && step % evaluateEvery === 0 && step < steps;
	}

	/** Training waits meanwhile: both need the same device. */
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
				// A single step requested in the meantime opened the gate, because the step waits for this score.
				if (loss.wantsPause && !signal.aborted) gate.close();
				loss.release();
			}
		});
	}

	#add(work: () => Promise<void>): void {
		const { steps, signal } = this.#context;
		this.#queue = this.#queue.then(work).catch((error: unknown) => {
			// A failed score is shown and does not end the training.
			if (!signal.aborted) steps.evaluation.error = toWire(error);
		});
	}
}
