/** A fake of training: pairs move on the plane by the objective's own gradient, with noise and friction. */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { WireError } from '#core/errors.ts';
import type { PairRewards, StepMetrics } from '#core/loss/metrics.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { valuesAtRewards } from '#core/loss/objectives/values.ts';
import { hash32 } from '#core/math/hash.ts';
import { rng, type Rng } from '#core/math/rng.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { TrainControl, TrainerState, TrainEvent, TrainJob } from '#core/ports.ts';
import type { MemoryPlan } from '#core/device/report.ts';

export interface TrainingOptions {
	/** Awaited between two steps and two answers. */
	pause: () => Promise<void>;
	/** Fails at this step with this error. */
	failAt: { step: number; error: WireError } | null;
}

/** The mean of a list. */
const mean = (values: readonly number[]): number =>
	values.reduce((sum, value) => sum + value, 0) / values.length;

class Simulation {
	readonly #job: TrainJob;
	readonly #random: Rng;

	constructor(job: TrainJob) {
		this.#job = job;
		this.#random = rng(job.recipe.training.seed).fork('stand-in');
	}

	step(step: number): { metrics: StepMetrics; batch: PairRewards[] } {
		const { recipe, pairs } = this.#job;
		const { batchPairs, steps } = recipe.training;
		const objective = objectiveOf(recipe.objective.id);
		const batch = Array.from(
			{ length: batchPairs },
			(_, i) => pairs[((step - 1) * batchPairs + i) % pairs.length],
		).filter((pair): pair is PreferencePair => pair !== undefined);
		const rewards = batch.map((pair) => ({ pairId: pair.id, ...this.#place(pair, step) }));
		const margins = rewards.map(({ chosen, rejected }) => chosen - rejected);
		return {
			batch: rewards,
			metrics: {
				step,
				epoch: (step * batchPairs) / pairs.length,
				loss: mean(
					rewards.map(({ chosen, rejected }) => objective.lossOf(valuesAtRewards(chosen, rejected))),
				),
				'rewards/chosen': mean(rewards.map(({ chosen }) => chosen)),
				'rewards/rejected': mean(rewards.map(({ rejected }) => rejected)),
				'rewards/margins': mean(margins),
				'rewards/accuracies': mean(margins.map((margin) => Number(margin > 0))),
				'logps/chosen': -6 + 2 * mean(rewards.map(({ chosen }) => chosen)),
				'logps/rejected': -4 + 2 * mean(rewards.map(({ rejected }) => rejected)),
				grad_norm: 0.8 * Math.exp(-step / 60) + 0.1 * this.#random.next(),
				learning_rate: recipe.optimiser.learningRate * Math.min(1, step / 5) * (1 - step / (steps + 1)),
				num_tokens: step * 512,
				seconds: 0.4,
				tokensPerSecond: 1240 + 60 * this.#random.normal(),
			},
		};
	}

	/** Position of a pair after this many steps: the field pushes it, and each pair has its own reach and bend. */
	#place(pair: PreferencePair, step: number): { chosen: number; rejected: number } {
		if (step === 1) return { chosen: 0, rejected: 0 };
		const own = rng(hash32(pair.prompt.id)).fork('reach');
		const drift = { chosen: 0, rejected: 0 };
		const objective = objectiveOf(this.#job.recipe.objective.id);
		const speed = 0.12 + 0.1 * Math.abs(own.normal());
		const bend = own.normal() * 0.05;
		for (let i = 1; i < step; i++) {
			const gradient = objective.rewardGradientOf(valuesAtRewards(drift.chosen, drift.rejected));
			drift.chosen += speed * -gradient.chosen - 0.006 + bend * 0.35;
			drift.rejected += speed * 1.3 * -gradient.rejected + bend * 0.6;
		}
		const noise = Math.min(1, step / 10) * 0.12;
		return { chosen: drift.chosen + noise * own.normal(), rejected: drift.rejected + noise * own.normal() };
	}
}

export function adapterAt(step: number, job: TrainJob): Adapter {
	const { rank, alpha, targetModules, seed } = job.recipe.lora;
	const random = rng(seed).fork(`adapter-${step}`);
	const reach = 1 - Math.exp(-step / 40);
	const matrices = Array.from({ length: 4 }, (_, layer) =>
		targetModules.map((module, column) => ({
			layer,
			module,
			inFeatures: 8,
			outFeatures: 8,
			loraA: Float32Array.from({ length: rank * 8 }, () => random.normal() / 8),
			loraB: Float32Array.from(
				{ length: 8 * rank },
				() => (reach * (0.4 + layer * 0.3 + column * 0.12) * random.normal()) / 8,
			),
		})),
	).flat();
	return { id: `step-${step}`, step, config: { rank, alpha, targetModules }, matrices };
}

function stateAt(step: number, seed: number): TrainerState {
	const empty = new Float32Array(0);
	return {
		step,
		params: empty,
		m: empty,
		v: empty,
		numTokens: step * 512,
		samplerSeed: seed,
		referenceLogps: {},
	};
}

/** One training run that can be paused, stepped and stopped. */
export class StandInRun implements TrainControl {
	readonly finished: Promise<void>;
	readonly #job: TrainJob;
	readonly #options: TrainingOptions;
	readonly #tell: (event: TrainEvent) => void;
	#paused: boolean;
	#single = false;
	#stopped: boolean | null = null;
	#wake = (): void => undefined;

	constructor(
		job: TrainJob,
		options: TrainingOptions,
		tell: (event: TrainEvent) => void,
		onstep: (step: number) => void,
	) {
		this.#job = job;
		this.#options = options;
		this.#tell = tell;
		this.#paused = job.startPaused;
		this.finished = this.#run(onstep);
	}

	pause(): void {
		this.#paused = true;
	}
	resume(): void {
		this.#paused = false;
		this.#wake();
	}
	step(): void {
		this.#single = true;
		this.#wake();
	}
	stop(keep: boolean): void {
		this.#stopped = keep;
		this.#wake();
	}

	async #run(onstep: (step: number) => void): Promise<void> {
		const { recipe, pairs, resume } = this.#job;
		const { steps, batchPairs, checkpointEvery, seed } = recipe.training;
		const simulation = new Simulation(this.#job);
		const stepsPerEpoch = Math.ceil(pairs.length / batchPairs);
		const plan = {
			pairs: pairs.length,
			stepsPerEpoch,
			trainableParameters: 45_056,
			tokensPerStep: 512,
			completionTokens: { chosen: pairs.map(() => 8), rejected: pairs.map(() => 4) },
			truncated: 0,
			dropped: 0,
			estimatedBytes: 4.2e7,
			memory: {
				activations: recipe.training.activations === 'auto' ? 'keep' : recipe.training.activations,
				automatic: recipe.training.activations === 'auto',
				budgetBytes: 4e9,
				estimates: {},
				peakBytes: null,
			} as MemoryPlan,
		};
		this.#tell({ type: 'planned', plan });
		const expectedLoss = objectiveOf(recipe.objective.id).atZero ?? 1.2;
		this.#tell({ type: 'checked', loss: expectedLoss, expectedLoss, margin: 0 });
		for (let step = (resume?.step ?? 0) + 1; step <= steps; step++) {
			await this.#gate(step);
			if (this.#ended(step)) return;
			onstep(step);
			this.#tell({ type: 'step', ...simulation.step(step) });
			if (checkpointEvery > 0 && step % checkpointEvery === 0 && step < steps)
				this.#tell({
					type: 'checkpoint',
					step,
					adapter: adapterAt(step, this.#job),
					state: stateAt(step, seed),
				});
		}
		this.#tell({
			type: 'done',
			step: steps,
			adapter: adapterAt(steps, this.#job),
			state: stateAt(steps, seed),
			peakBytes: 4e7,
		});
	}

	/** Waits while paused; a single step passes once. */
	async #gate(step: number): Promise<void> {
		await this.#options.pause();
		const held = this.#paused && !this.#single && this.#stopped === null;
		if (held) {
			this.#tell({ type: 'paused', step: step - 1 });
			await new Promise<void>((resolve) => (this.#wake = resolve));
			if (!this.#paused) this.#tell({ type: 'resumed', step: step - 1 });
		}
		this.#single = false;
	}

	/** Reports the end: a stop, or the configured failure. */
	#ended(step: number): boolean {
		const { failAt } = this.#options;
		const { seed } = this.#job.recipe.training;
		if (this.#stopped !== null) {
			const adapter = this.#stopped ? adapterAt(step - 1, this.#job) : null;
			this.#tell({
				type: 'stopped',
				step: step - 1,
				adapter,
				state: this.#stopped ? stateAt(step - 1, seed) : null,
				peakBytes: 4e7,
			});
			return true;
		}
		if (failAt?.step !== step) return false;
		const pairIds = this.#job.pairs.slice(0, 8).map(({ id }) => id);
		this.#tell({ type: 'failed', error: failAt.error, step, pairIds, lastCheckpoint: 20 });
		return true;
	}
}
