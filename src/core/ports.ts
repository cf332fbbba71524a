/**
 * What the core asks of the world. Each interface is implemented by one adapter in `runtime/` or `worker/client*`, chosen in
 * the composition roots (`main.ts`, `headless.ts`) and handed to the app's classes as constructor arguments.
 *
 * Conventions: every long call takes an AbortSignal and rejects with `Cancelled` when it fires; progress is a callback;
 * failures are the classes of errors.ts.
 */
import type { Adapter } from './adapter/adapter.ts';
import type { StepMetrics, PairRewards } from './loss/metrics.ts';
import type { ModelConfig, ModelSource } from './model/model.ts';
import type { FinishReason, Message, Sampling } from './output/output.ts';
import type { PreferencePair } from './pair/pair.ts';
import type { Recipe } from './recipe/recipe.ts';
import type { WireError } from './errors.ts';
import type { KernelSettings, KernelTimes } from './device/kernels.ts';
import type { DeviceReport, TrainPlan } from './device/report.ts';
import type { RunRecord, RunSummary } from './run/run.ts';

export type { DeviceReport, TrainPlan };

/** Progress of something long: `done` of `total` (0 = not known), in plain words. */
export interface Progress {
	phase: string;
	done: number;
	total: number;
}

export interface ChatRequest {
	messages: readonly Message[];
	sampling: Sampling;
}

export interface ChatReply {
	text: string;
	finishReason: FinishReason;
	/** Tokens generated, where the engine says. */
	tokens: number;
	/** Token ids generated, where the engine says. */
	tokenIds: readonly number[] | null;
}

/** Any model that answers a chat: the target model in WebLLM, an OpenAI-compatible endpoint, the embedded reviser. */
export interface ChatModel {
	readonly id: string;
	complete(
		request: ChatRequest,
		signal: AbortSignal,
		onText?: (textSoFar: string) => void,
	): Promise<ChatReply>;
}

/** The target model in WebLLM, whose adapter can be written in place. */
export interface TargetModel extends ChatModel {
	load(source: ModelSource, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<void>;
	/** Writes the adapter at a strength (1 = as trained) into the running engine; null or 0 restores the base exactly. */
	setAdapter(adapter: Adapter | null, strength: number): Promise<void>;
	dispose(): Promise<void>;
}

export interface GenerateRequest {
	/** One chat a prompt; answered in batches. */
	prompts: readonly (readonly Message[])[];
	/** Row i draws from seed + i. */
	sampling: Sampling;
	/** `current` is the adapter of the step that trains now. */
	adapter: Adapter | 'current' | null;
	strength: number;
}

export type TrainEvent =
	| { type: 'progress'; progress: Progress }
	| { type: 'planned'; plan: TrainPlan }
	/** Once, before step 1: loss and margin at the untrained adapter, checked against what they must be. */
	| { type: 'checked'; loss: number; expectedLoss: number; margin: number }
	| { type: 'step'; metrics: StepMetrics; batch: readonly PairRewards[] }
	/** Rewards of every pair as last measured (each pair when its batch comes by). */
	| { type: 'checkpoint'; step: number; adapter: Adapter; state: TrainerState }
	/** Training metrics over held-out pairs, where there are any. */
	| { type: 'paused'; step: number }
	| { type: 'resumed'; step: number }
	/** `peakBytes`: device memory that the run took at most, weights included. */
	| { type: 'done'; step: number; adapter: Adapter; state: TrainerState; peakBytes: number }
	| {
			type: 'stopped';
			step: number;
			adapter: Adapter | null;
			state: TrainerState | null;
			peakBytes: number;
	  }
	/** Non-finite numbers, device lost, …: what is known of the place, and the last good checkpoint's step. */
	| {
			type: 'failed';
			error: WireError;
			step: number;
			pairIds: readonly string[];
			lastCheckpoint: number | null;
	  };

/** All that is needed to go on from a step: serialisable, kept in a store. */
export interface TrainerState {
	step: number;
	/** Flat parameters and AdamW moments in the trainer's own order. */
	params: Float32Array;
	m: Float32Array;
	v: Float32Array;
	numTokens: number;
	/** Position of the seeded sampler: it is a pure function of (seed, step), kept as a check. */
	samplerSeed: number;
	/** log π_ref by example id, nats: chosen and rejected of a pair, one number of an unpaired completion. */
	referenceLogps: Readonly<Record<string, readonly number[]>>;
}

export interface TrainJob {
	recipe: Recipe;
	pairs: readonly PreferencePair[];
	/** Goes on from here; null starts anew. */
	resume: TrainerState | null;
	/** Starts paused, for single steps. */
	startPaused: boolean;
	/** What the engine will be asked between steps, so that the memory plan counts it; null where nothing is. */
	answers: AnswersOnTheWay | null;
}

/** Held-out prompts, answered with the adapter as it then is. */
export type AnswersOnTheWay = Pick<GenerateRequest, 'prompts' | 'sampling'>;

export interface TrainControl {
	pause(): void;
	resume(): void;
	/** One step, then paused again. */
	step(): void;
	/** keep: a checkpoint of the last step is written. */
	stop(keep: boolean): void;
	/** Settles when the run has ended in any way; rejects only for faults that no event carried. */
	readonly finished: Promise<void>;
}

/** A model's own tokenizer: text to ids and back. */
export interface Tokenizer {
	/**
	 * Special tokens written in the text (`<|im_end|>`) become their ids. Nothing is put around the text unless asked for:
	 * chat templates write their own beginning.
	 */
	encode(text: string, options?: { addSpecialTokens: boolean }): number[];
	decode(ids: readonly number[], options?: { skipSpecialTokens: boolean }): string;
}

export interface Tokenized {
	ids: readonly number[];
	/** The text of each id, for showing a batch. */
	pieces: readonly string[];
	/** Index of the first completion token. */
	completionStart: number;
	truncated: boolean;
}

/** Tensors, gradients and the adapter: the compute worker. */
export interface ComputeEngine {
	device(): Promise<DeviceReport>;
	/** Chooses the programs of the GPU and how it keeps the weights, now and at every later visit; not while a run trains. */
	setKernels(settings: KernelSettings): Promise<DeviceReport>;
	load(
		source: ModelSource,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<ModelConfig>;
	/** Makes ready, in the background, what a run of this recipe will need; training that begins without it takes longer to begin. */
	prepare(recipe: Recipe): Promise<void>;
	train(job: TrainJob, onEvent: (event: TrainEvent) => void): TrainControl;
	/** The adapter of the step that trains now; null when none trains. */
	currentAdapter(): Promise<Adapter | null>;
	generate(
		request: GenerateRequest,
		onReply: (index: number, reply: ChatReply) => void,
		signal: AbortSignal,
	): Promise<readonly ChatReply[]>;
	/** How a pair's sides are cut into tokens: what the Batch view shows. */
	tokenize(pair: PreferencePair, maxLength: number): Promise<{ chosen: Tokenized; rejected: Tokenized }>;
	/** log π of each completion token, adapter off and on: token credit. */
	tokenLogps(
		pair: PreferencePair,
		adapter: Adapter | 'current' | null,
	): Promise<{ chosen: Float32Array; rejected: Float32Array }>;
	dispose(): Promise<void>;
}

/** Runs and their large parts, kept on this machine. */
export interface RunStore {
	list(): Promise<readonly RunSummary[]>;
	read(id: string): Promise<RunRecord | null>;
	/**
	 * Writes the run without its checkpoints, under the name that is kept; quick enough to be called at every phase's end.
	 *
	 * @returns the new edition
	 * @throws StorageError `run-overtaken` where another edition is kept than the one this came of, and nothing is written
	 */
	write(run: RunRecord): Promise<number>;
	/** Names belong to the store: a run that is under way in one tab can be renamed in another. */
	rename(id: string, name: string): Promise<void>;
	remove(id: string): Promise<void>;
	writeCheckpoint(id: string, adapter: Adapter, state: TrainerState | null): Promise<void>;
	readCheckpoint(id: string, step: number): Promise<{ adapter: Adapter; state: TrainerState | null } | null>;
	/** Bytes used and the browser's quota, where it says. */
	usage(): Promise<{ used: number; quota: number | null }>;
}

/** What this machine keeps of its GPU's programs: times by device, and what a person set. All of it can be measured anew. */
export interface KernelStore {
	times(device: string): Promise<KernelTimes | null>;
	keepTimes(device: string, times: KernelTimes): Promise<void>;
	settings(): Promise<KernelSettings | null>;
	keepSettings(settings: KernelSettings): Promise<void>;
}

/** The catalogue of models that this build can load. */
export interface ModelCatalogue {
	list(): Promise<readonly ModelSource[]>;
}

/** Milliseconds on a clock that only goes forward, and the time of day in ISO form. */
export interface Clock {
	now(): number;
	date(): string;
}
