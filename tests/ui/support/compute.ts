/** A stand-in for the compute worker: pairs move on the plane by the objective's own gradient, with noise and friction. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { Cancelled } from '#core/errors.ts';
import { objectiveOf } from '#core/loss/objectives.ts';
import type { PairRewards, StepMetrics } from '#core/loss/metrics.ts';
import { rng, type Rng } from '#core/math/rng.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type {
	ChatReply,
	ComputeEngine,
	DeviceReport,
	GenerateRequest,
	TrainControl,
	TrainEvent,
	TrainerState,
	TrainJob,
	Tokenized,
} from '#core/ports.ts';
import type { WireError } from '#core/errors.ts';
import { answer } from './model.ts';

export const DEVICE: DeviceReport = {
	backend: 'webgpu',
	vendor: 'apple',
	architecture: 'metal-3',
	description: 'Apple M2',
	features: [],
	limits: {},
	fallbackReason: null,
};

export interface ComputeOptions {
	device: DeviceReport;
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
				loss: mean(rewards.map(({ chosen, rejected }) => objective.loss(chosen, rejected))),
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

	/** Where a pair stands after so many steps: pushed by the field, each pair with its own reach and bend. */
	#place(pair: PreferencePair, step: number): { chosen: number; rejected: number } {
		if (step === 1) return { chosen: 0, rejected: 0 };
		const own = rng(
			pair.id.length * 7919 + [...pair.id].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7),
		).fork('reach');
		const drift = { chosen: 0, rejected: 0 };
		const objective = objectiveOf(this.#job.recipe.objective.id);
		const speed = 0.12 + 0.1 * Math.abs(own.normal());
		const bend = own.normal() * 0.05;
		for (let i = 1; i < step; i++) {
			const gradient = objective.gradient(drift.chosen, drift.rejected);
			drift.chosen += speed * -gradient.chosen - 0.006 + bend * 0.35;
			drift.rejected += speed * 1.3 * -gradient.rejected + bend * 0.6;
		}
		const noise = Math.min(1, step / 10) * 0.12;
		return { chosen: drift.chosen + noise * own.normal(), rejected: drift.rejected + noise * own.normal() };
	}
}

function adapterAt(step: number, job: TrainJob): Adapter {
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

export class StandInCompute implements ComputeEngine {
	readonly #options: ComputeOptions;
	#job: TrainJob | null = null;
	#step = 0;

	constructor(options: ComputeOptions) {
		this.#options = options;
	}

	device(): Promise<DeviceReport> {
		return Promise.resolve(this.#options.device);
	}

	load(): Promise<ModelConfig> {
		return Promise.resolve({
			architecture: 'llama',
			hiddenSize: 128,
			intermediateSize: 320,
			layers: 4,
			heads: 4,
			kvHeads: 4,
			headDim: 32,
			vocabSize: 512,
			rmsNormEps: 1e-5,
			ropeTheta: 1e4,
			ropeScaling: null,
			tieWordEmbeddings: true,
			attentionBias: false,
			qkNorm: false,
			maxPositions: 512,
		});
	}

	train(job: TrainJob, onEvent: (event: TrainEvent) => void): TrainControl {
		this.#job = job;
		let paused = job.startPaused;
		let single = false;
		let stopped: boolean | null = null;
		let wake = (): void => undefined;
		const waiting = (): Promise<void> => new Promise((resolve) => (wake = resolve));
		const simulation = new Simulation(job);
		const run = async (): Promise<void> => {
			const { steps, checkpointEvery, batchPairs, seed } = job.recipe.training;
			const plan = {
				pairs: job.pairs.length,
				stepsPerEpoch: Math.ceil(job.pairs.length / batchPairs),
				trainableParameters: 45_056,
				tokensPerStep: 512,
				truncated: 0,
				dropped: 0,
				estimatedBytes: 4e7,
			};
			onEvent({ type: 'planned', plan });
			const expectedLoss = objectiveOf(job.recipe.objective.id).atZero ?? 1.2;
			onEvent({ type: 'checked', loss: expectedLoss, expectedLoss, margin: 0 });
			for (let step = (job.resume?.step ?? 0) + 1; step <= steps; step++) {
				await this.#options.pause();
				if (stopped === null && paused && !single) {
					onEvent({ type: 'paused', step: step - 1 });
					await waiting();
					if (stopped === null && !single) onEvent({ type: 'resumed', step: step - 1 });
				}
				if (stopped !== null) {
					const adapter = stopped ? adapterAt(step - 1, job) : null;
					onEvent({
						type: 'stopped',
						step: step - 1,
						adapter,
						state: stopped ? stateAt(step - 1, seed) : null,
					});
					return;
				}
				single = false;
				const { failAt } = this.#options;
				if (failAt?.step === step) {
					onEvent({
						type: 'failed',
						error: failAt.error,
						step,
						pairIds: job.pairs.slice(0, 8).map(({ id }) => id),
						lastCheckpoint: 20,
					});
					return;
				}
				this.#step = step;
				onEvent({ type: 'step', ...simulation.step(step) });
				if (checkpointEvery > 0 && step % checkpointEvery === 0 && step < steps)
					onEvent({ type: 'checkpoint', step, adapter: adapterAt(step, job), state: stateAt(step, seed) });
			}
			onEvent({ type: 'done', step: steps, adapter: adapterAt(steps, job), state: stateAt(steps, seed) });
		};
		return {
			pause: () => void (paused = true),
			resume: () => {
				paused = false;
				wake();
			},
			step: () => {
				single = true;
				wake();
			},
			stop: (keep) => {
				stopped = keep;
				wake();
			},
			finished: run(),
		};
	}

	currentAdapter(): Promise<Adapter | null> {
		return Promise.resolve(this.#job === null ? null : adapterAt(this.#step, this.#job));
	}

	async generate(
		request: GenerateRequest,
		onReply: (index: number, reply: ChatReply) => void,
		signal: AbortSignal,
	): Promise<readonly ChatReply[]> {
		const step =
			request.adapter === null ? 0 : request.adapter === 'current' ? this.#step : request.adapter.step;
		const replies: ChatReply[] = [];
		for (const [i, messages] of request.prompts.entries()) {
			if (signal.aborted) throw new Cancelled();
			const sampling = { ...request.sampling, seed: request.sampling.seed + i };
			const reply = answer(messages.at(-1)?.content ?? '', sampling, step, request.strength);
			replies.push(reply);
			onReply(i, reply);
		}
		await this.#options.pause();
		return replies;
	}

	tokenize(pair: PreferencePair): Promise<{ chosen: Tokenized; rejected: Tokenized }> {
		const cut = (text: string): Tokenized => {
			const prompt = ['<|user|>', '\n', ...pieces(pair.prompt.text), '<|end|>', '<|assistant|>', '\n'];
			const all = [...prompt, ...pieces(text), '<|end|>'];
			return {
				ids: all.map((_, i) => 100 + i),
				pieces: all,
				completionStart: prompt.length,
				truncated: false,
			};
		};
		return Promise.resolve({ chosen: cut(pair.chosen), rejected: cut(pair.rejected) });
	}

	tokenLogps(): Promise<{ chosen: Float32Array; rejected: Float32Array }> {
		return Promise.resolve({ chosen: new Float32Array(4), rejected: new Float32Array(4) });
	}

	dispose(): Promise<void> {
		return Promise.resolve();
	}
}

/** Words cut in two where they are long, as a small vocabulary does. */
function pieces(text: string): string[] {
	return text
		.split(/(?<=\w)(?=\s)/)
		.flatMap((word) => (word.length > 6 ? [word.slice(0, 4), word.slice(4)] : [word]));
}
