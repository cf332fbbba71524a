/**
 * A double of the compute engine: one trainer per run, which runs its steps in microtasks and obeys pause,
 * step and stop.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import { promptTooLong, rowFault, type RowFault } from '#core/batch/rowFaults.ts';
import { AppError, Cancelled, toWire } from '#core/errors.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type {
	ChatReply,
	ComputeEngine,
	DeviceReport,
	GenerateRequest,
	Progress,
	PromptReply,
	SpanJob,
	TrainControl,
	TrainEvent,
	TrainJob,
	TrainerState,
	PairLogps,
} from '#core/ports.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import { reviseAnswer } from '#core/world/registry.ts';
import { FakeChecks } from './fakeChecks.ts';
import { fakePairGradients, fakePlan, fakeSpan } from './fakeMeasurements.ts';

/** Answer of the untrained model; never right. */
export const FLAWED = 'I am not sure.';

/** The right answer to a prompt of a world, if a small edit of the flawed one gives it. */
export function rightAnswer(prompt: string): string {
	const revision = reviseAnswer(prompt, FLAWED, 1);
	return revision !== null && 'revised' in revision ? revision.revised : 'right';
}

export function fakeReply(text: string): ChatReply {
	return { text, finishReason: 'stop', tokens: text.split(' ').length, tokenIds: null };
}

const wordsOf = (text: string): number => text.split(' ').length;

/** Lets all pending microtasks run. */
export async function settle(turns = 50): Promise<void> {
	for (let i = 0; i < turns; i++) await Promise.resolve();
}

/** @param seed the recipe's seed of the adapter: adapters of two runs differ by it */
export function fakeAdapter(step: number, seed = 1): Adapter {
	const matrices = [0, 1].map((layer) => ({
		layer,
		module: 'q_proj' as const,
		loraA: Float32Array.of(seed, seed),
		loraB: Float32Array.from({ length: 2 }, () => step * (layer + 1)),
		inFeatures: 2,
		outFeatures: 2,
	}));
	return { id: `step-${step}`, step, config: { rank: 1, alpha: 2, targetModules: ['q_proj'] }, matrices };
}

export function fakeState(step: number): TrainerState {
	const one = (): Float32Array => Float32Array.of(step);
	return { step, params: one(), m: one(), v: one(), numTokens: step, samplerSeed: 1, referenceLogps: {} };
}

export const WEBGPU: DeviceReport = {
	backend: 'webgpu',
	vendor: 'fake',
	architecture: 'none',
	description: '',
	features: [],
	limits: {},
	fallbackReason: null,
};

const CONFIG: ModelConfig = {
	architecture: 'llama',
	hiddenSize: 2,
	intermediateSize: 2,
	layers: 2,
	heads: 1,
	kvHeads: 1,
	headDim: 2,
	vocabSize: 4,
	rmsNormEps: 1e-5,
	ropeTheta: 10000,
	ropeScaling: null,
	tieWordEmbeddings: true,
	attentionBias: false,
	qkNorm: false,
	maxPositions: 64,
};

/** A trainer that runs its steps in microtasks and obeys pause, step and stop. */
export class FakeTrainer implements TrainControl {
	readonly finished: Promise<void>;
	readonly #job: TrainJob;
	readonly #emit: (event: TrainEvent) => void;
	readonly #failAt: number | null;
	readonly #failWith: AppError;
	readonly #leftOut: readonly RowFault[];
	#paused: boolean;
	#steps = 0;
	#stop: 'keep' | 'discard' | null = null;
	#wake: () => void = () => undefined;
	/** Number of finished steps. */
	at: number;

	constructor(
		job: TrainJob,
		emit: (event: TrainEvent) => void,
		failAt: number | null,
		failWith: AppError = new AppError('The loss is not a number.', { code: 'non-finite' }),
		leftOut: readonly RowFault[] = [],
	) {
		this.#leftOut = leftOut;
		this.#failWith = failWith;
		this.#job = job;
		this.#emit = emit;
		this.#failAt = failAt;
		this.#paused = job.startPaused;
		this.at = job.resume?.step ?? 0;
		this.finished = this.#run();
	}

	/** After the last step. */
	get adapter(): Adapter {
		return fakeAdapter(this.at, this.#job.recipe.lora.seed);
	}

	pause(): void {
		this.#paused = true;
	}
	resume(): void {
		this.#paused = false;
		this.#emit({ type: 'resumed', step: this.at });
		this.#wake();
	}
	step(): void {
		this.#paused = true;
		this.#steps++;
		this.#wake();
	}
	stop(keep: boolean): void {
		this.#stop = keep ? 'keep' : 'discard';
		this.#wake();
	}

	async #run(): Promise<void> {
		await settle(3);
		const { recipe, pairs } = this.#job;
		const { steps, batchPairs, checkpointEvery } = recipe.training;
		this.#emit({ type: 'progress', progress: { phase: 'reference', done: 1, total: 1 } });
		const leftOut = this.#leftOut;
		const plan = { ...fakePlan(pairs.length, recipe), dropped: leftOut.length, leftOut };
		this.#emit({ type: 'planned', plan });
		this.#emit({ type: 'checked', loss: 1, expectedLoss: 1, margin: 0 });
		while (this.at < steps) {
			await settle(2);
			await this.#wait();
			if (this.#ended()) return;
			const step = ++this.at;
			if (step === this.#failAt) {
				const error = toWire(this.#failWith);
				const pairIds = pairs.slice(0, batchPairs).map((pair) => pair.id);
				this.#emit({ type: 'failed', error, step, pairIds, lastCheckpoint: null });
				return;
			}
			this.#emit({ type: 'step', metrics: fakeMetrics(step), batch: fakeBatch(pairs, step, batchPairs) });
			if (checkpointEvery > 0 && step % checkpointEvery === 0)
				this.#emit({ type: 'checkpoint', step, adapter: this.adapter, state: fakeState(step) });
		}
		this.#emit({ type: 'done', step: steps, adapter: this.adapter, state: fakeState(steps), peakBytes: 4e7 });
	}

	/** Reports a stop if one was requested. @returns true if the run has ended */
	#ended(): boolean {
		if (this.#stop === null) return false;
		const kept = this.#stop === 'keep' && this.at > 0;
		const adapter = kept ? this.adapter : null;
		const state = kept ? fakeState(this.at) : null;
		this.#emit({ type: 'stopped', step: this.at, adapter, state, peakBytes: 4e7 });
		return true;
	}

	async #wait(): Promise<void> {
		const mayGo = (): boolean => !this.#paused || this.#steps > 0 || this.#stop !== null;
		if (!mayGo()) this.#emit({ type: 'paused', step: this.at });
		while (!mayGo()) await new Promise<void>((resolve) => (this.#wake = resolve));
		this.#steps = Math.max(0, this.#steps - 1);
	}
}

export function fakeMetrics(step: number) {
	return {
		step,
		epoch: step / 10,
		loss: 1 / step,
		'rewards/chosen': step / 10,
		'rewards/rejected': -step / 10,
		'rewards/margins': step / 5,
		'rewards/accuracies': step === 1 ? 0 : 1,
		'logps/chosen': -10,
		'logps/rejected': -12,
		grad_norm: 0.5,
		learning_rate: 1e-3,
		num_tokens: 100 * step,
		seconds: 0.5,
		tokensPerSecond: 200,
	};
}

function fakeBatch(pairs: readonly PreferencePair[], step: number, batchPairs: number) {
	return pairs
		.slice(0, batchPairs)
		.map((pair) => ({ pairId: pair.id, chosen: step / 10, rejected: -step / 10 }));
}

export class FakeCompute extends FakeChecks implements ComputeEngine {
	report: DeviceReport = WEBGPU;
	loads = 0;
	jobs: TrainJob[] = [];
	generated: GenerateRequest[] = [];
	/** Requests to explain a span. */
	spans: SpanJob[] = [];
	/** Trainers of the current runs, by id. */
	readonly trainers = new Map<string, FakeTrainer>();
	/** Largest number of trainers at the same time. */
	mostTrainers = 0;
	/** Step at which training fails; null for never. */
	failAt: number | null = null;
	/** Run that fails there; null for every run. */
	failRun: string | null = null;
	/** Error of the failure; by default a loss that is not a number. */
	failWith: AppError | undefined;
	/** Thrown by `generate`. */
	generateError: Error | null = null;
	/** Most words of a prompt; longer ones are refused, and their pairs are left out. */
	promptLimit = Infinity;
	disposed = false;

	device(): Promise<DeviceReport> {
		return Promise.resolve(this.report);
	}
	setKernels(settings: KernelSettings): Promise<DeviceReport> {
		const { kernels } = this.report;
		if (kernels !== undefined) this.report = { ...this.report, kernels: { ...kernels, settings } };
		return this.device();
	}
	load(_source: ModelSource, onProgress: (progress: Progress) => void): Promise<ModelConfig> {
		this.loads++;
		onProgress({ phase: 'weights', done: 1, total: 2 });
		return Promise.resolve(CONFIG);
	}
	prepare(): Promise<void> {
		return Promise.resolve();
	}
	train(job: TrainJob, onEvent: (event: TrainEvent) => void): TrainControl {
		this.jobs.push(job);
		const { runId } = job;
		const fails = this.failRun === null || this.failRun === runId;
		const kept = job.pairs.filter(({ prompt }) => wordsOf(prompt.text) <= this.promptLimit);
		const leftOut = job.pairs
			.filter((pair) => !kept.includes(pair))
			.map(({ id, prompt }) => rowFault(id, promptTooLong(wordsOf(prompt.text), this.promptLimit)));
		const trainer = new FakeTrainer(
			{ ...job, pairs: kept },
			onEvent,
			fails ? this.failAt : null,
			this.failWith,
			leftOut,
		);
		this.trainers.set(runId, trainer);
		this.mostTrainers = Math.max(this.mostTrainers, this.trainers.size);
		void trainer.finished.then(() => this.trainers.delete(runId));
		return trainer;
	}
	currentAdapter(runId: string): Promise<Adapter | null> {
		return Promise.resolve(this.trainers.get(runId)?.adapter ?? null);
	}
	async generate(
		request: GenerateRequest,
		onReply: (index: number, reply: PromptReply) => void,
		signal: AbortSignal,
	): Promise<readonly PromptReply[]> {
		this.generated.push(request);
		await settle(2);
		if (this.generateError !== null) throw this.generateError;
		const replies: PromptReply[] = [];
		for (const [i, messages] of request.prompts.entries()) {
			if (signal.aborted) throw new Cancelled();
			const prompt = messages.at(-1)?.content ?? '';
			const words = wordsOf(prompt);
			const answer =
				words > this.promptLimit
					? { refused: toWire(promptTooLong(words, this.promptLimit)) }
					: fakeReply(this.#isTuned(request) ? rightAnswer(prompt) : FLAWED);
			replies.push(answer);
			onReply(i, answer);
		}
		return replies;
	}
	tokenize(pair: PreferencePair) {
		const cut = (text: string) => ({
			ids: text.split(' ').map((_, i) => i),
			pieces: text.split(' '),
			completionStart: 0,
			truncated: false,
		});
		return Promise.resolve({ chosen: cut(pair.chosen), rejected: cut(pair.rejected) });
	}
	tokenLogps(pairs: readonly PreferencePair[]) {
		const read = ({ prompt }: PreferencePair): PairLogps => {
			const words = wordsOf(prompt.text);
			return words > this.promptLimit
				? { refused: toWire(promptTooLong(words, this.promptLimit)) }
				: { chosen: Float32Array.of(-1), rejected: Float32Array.of(-2) };
		};
		return Promise.resolve(pairs.map(read));
	}
	readonly attributeSpan: ComputeEngine['attributeSpan'] = (job, ...how) => {
		this.spans.push(job);
		return fakeSpan(job, ...how);
	};
	readonly pairGradients = fakePairGradients;
	/** Stops the runs that train, as the worker does. */
	dispose(): Promise<void> {
		this.disposed = true;
		for (const trainer of this.trainers.values()) trainer.stop(false);
		return Promise.resolve();
	}

	#isTuned({ adapter, strength }: GenerateRequest): boolean {
		if (adapter === null || strength === 0) return false;
		return !('runId' in adapter) || this.trainers.has(adapter.runId);
	}
}
