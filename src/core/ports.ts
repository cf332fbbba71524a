/**
 * Interfaces of the impure parts. Adapters in `runtime/` and `worker/client*` implement them; `compose.ts` chooses
 * the adapters, and the composition roots (`main.ts`, `headless.ts`) pass them to the app's classes as a
 * constructor argument.
 *
 * Conventions: every long call takes an AbortSignal and rejects with `Cancelled` when it fires; progress is a
 * callback; failures are the classes of errors.ts.
 */
import type { Adapter } from './adapter/adapter.ts';
import type { Tokenized } from './batch/storedTokens.ts';
import type { RowFault } from './batch/rowFaults.ts';
import type { CheckJob, CheckOutcome } from './checks/check.ts';
import type { SpanAttribution } from './loss/attribution.ts';
import type { StepMetrics, PairRewards } from './loss/metrics.ts';
import type { PairGradient } from './loss/pairGradient.ts';
import type { PlacedLibrary } from './model/compiledLibrary.ts';
import type { ModelConfig, ModelSource } from './model/model.ts';
import type { SentRequest, TokenPrice } from './endpoint/sentRequest.ts';
import type { RunOutcome } from './grid/outcome.ts';
import type { DamagedGrid, GridSummary, StoredGrid } from './grid/stored.ts';
import type { FinishReason, Message, Sampling } from './output/output.ts';
import type { PreferencePair } from './pair/pair.ts';
import type { DamagedSet, KeptSet, SetSummary } from './pair/set/keptSet.ts';
import type { Recipe } from './recipe/recipe.ts';
import type { TransferProgress } from './checkpoint/transferRate.ts';
import type { AppError, WireError } from './errors.ts';
import type { KernelSettings, KernelTimes } from './device/kernels.ts';
import type { DeviceReport, TrainPlan } from './device/report.ts';
import type { DamagedRun, RunRecord, RunSummary } from './run/run.ts';

export type { DeviceReport, Tokenized, TrainPlan };

/** Progress of a long call: `done` of `total` (0 if unknown), with the phase in plain words. */
export interface Progress {
	phase: string;
	done: number;
	total: number;
	/** If `done` counts bytes of a transfer whose rate is measured. */
	transfer?: Pick<TransferProgress, 'bytesPerSecond' | 'secondsLeft'>;
}

/** Another attempt of a request, after a wait. */
export interface Retry {
	/** Why the attempt before failed. */
	error: AppError;
	/** Number of the next attempt, from 2 on, and how many there are at most. */
	attempt: number;
	attempts: number;
	waitSeconds: number;
}

export interface ChatRequest {
	messages: readonly Message[];
	sampling: Sampling;
	/** Called for each HTTP request that this chat causes, retries included. */
	onSent?: (request: SentRequest) => void;
	/** Called before each wait for another attempt after a temporary failure. */
	onRetry?: (retry: Retry) => void;
	/** False asks a model that reasons in `<think>` tags to answer at once. Engines without the setting ignore it. */
	thinking?: false;
}

/** A model in an endpoint's list. */
export interface OfferedModel {
	id: string;
	/** Null if the list has no prices. */
	price: TokenPrice | null;
}

export interface ChatReply {
	text: string;
	finishReason: FinishReason;
	/** The endpoint's own word for an ending other than `stop`, for example `content_filter`. */
	ending?: string;
	/** Changes that the endpoint made necessary, as sentences: settings that it refuses, a completed base URL. */
	notes?: readonly string[];
	/** Number of generated tokens, if the engine reports it. */
	tokens: number;
	/** Ids of the generated tokens; null if the engine does not report them. */
	tokenIds: readonly number[] | null;
}

/** A prompt or a pair of a call that the model cannot read; the others of the call go on. */
export interface Refusal {
	refused: RowFault['error'];
}

/** The answer to one prompt of a call. */
export type PromptReply = ChatReply | Refusal;

/** log π of each completion token of a pair's sides, nats. */
export interface SideLogps {
	chosen: Float32Array;
	rejected: Float32Array;
}

/** The reading of one pair of a call, or the reason why there is none. */
export type PairLogps = SideLogps | Refusal;

/** A model that answers chats: the target model in WebLLM, an endpoint, or the embedded reviser. */
export interface ChatModel {
	readonly id: string;
	/** Requests that it answers at the same time; absent if it sets no limit. More would only wait in line. */
	readonly atOnce?: number;
	complete(
		request: ChatRequest,
		signal: AbortSignal,
		onText?: (textSoFar: string) => void,
	): Promise<ChatReply>;
}

/** The target model in WebLLM, whose adapter can be replaced in place. */
export interface TargetModel extends ChatModel {
	load(source: ModelSource, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<void>;
	/** Writes the adapter at a strength (1 = as trained) into the engine; null or 0 gives exactly the base. */
	setAdapter(adapter: Adapter | null, strength: number): Promise<void>;
	dispose(): Promise<void>;
}

/** The adapter after the run's last step; the base model if the run is not in training. */
export interface RunAdapter {
	runId: string;
}

/** The adapter that answers; null is the base model. */
export type AdapterChoice = Adapter | RunAdapter | null;

export interface GenerateRequest {
	/** One chat per prompt, answered in batches. */
	prompts: readonly (readonly Message[])[];
	/** Row i draws from seed + i. */
	sampling: Sampling;
	adapter: AdapterChoice;
	strength: number;
}

export type TrainEvent =
	| { type: 'progress'; progress: Progress }
	| { type: 'planned'; plan: TrainPlan }
	/** Once, before step 1: loss and margin at the untrained adapter, with the expected loss. */
	| { type: 'checked'; loss: number; expectedLoss: number; margin: number }
	| { type: 'step'; metrics: StepMetrics; batch: readonly PairRewards[] }
	| { type: 'checkpoint'; step: number; adapter: Adapter; state: TrainerState }
	| { type: 'paused'; step: number }
	| { type: 'resumed'; step: number }
	/** `peakBytes`: peak device memory of the run, weights included. */
	| { type: 'done'; step: number; adapter: Adapter; state: TrainerState; peakBytes: number }
	| {
			type: 'stopped';
			step: number;
			adapter: Adapter | null;
			state: TrainerState | null;
			peakBytes: number;
	  }
	/** Non-finite numbers, device lost, …: step and pairs, if known, and step of the last good checkpoint. */
	| {
			type: 'failed';
			error: WireError;
			step: number;
			pairIds: readonly string[];
			lastCheckpoint: number | null;
	  };

/** Complete state for resuming after a step; serialisable, stored. All numbers are finite. */
export interface TrainerState {
	step: number;
	/** Flat parameters and AdamW moments in the trainer's own order. */
	params: Float32Array;
	m: Float32Array;
	v: Float32Array;
	numTokens: number;
	/** The sampler is a pure function of (seed, step), so its seed is kept only as a check. */
	samplerSeed: number;
	/** log π_ref by example id, nats: chosen and rejected of a pair, one number of an unpaired completion. */
	referenceLogps: Readonly<Record<string, readonly number[]>>;
}

export interface TrainJob {
	/** Several runs may train on one model at once; each has its own id and adapter. */
	runId: string;
	recipe: Recipe;
	pairs: readonly PreferencePair[];
	/** Merged into the weights as the run's reference; absent if the run begins from the base model. */
	begin?: Adapter;
	/** State to resume from; null starts from the untrained adapter. */
	resume: TrainerState | null;
	/** Starts paused, so that the user can single-step. */
	startPaused: boolean;
	/** Generation requests between steps, for the memory plan; null if there are none. */
	answers: AnswersOnTheWay | null;
}

/** Held-out prompts, answered with the adapter under training. */
export type AnswersOnTheWay = Pick<GenerateRequest, 'prompts' | 'sampling'>;

export interface TrainControl {
	pause(): void;
	resume(): void;
	/** Runs one step, then pauses again. */
	step(): void;
	/** @param keep writes a checkpoint of the last step */
	stop(keep: boolean): void;
	/** Settles when training is done, stopped or failed; rejects only for faults that no event reported. */
	readonly finished: Promise<void>;
}

/** The steps of a run whose effect on log π is measured. */
export interface SpanJob {
	recipe: Recipe;
	/** The pairs that the run trains on, in its order. */
	pairs: readonly PreferencePair[];
	/** Merged into the weights as the run's reference; absent if the run begins from the base model. */
	begin?: Adapter;
	/** The run's state at or before the step `from` − 1; null starts from the untrained adapter. */
	start: TrainerState | null;
	/** First and last step, from 1. */
	from: number;
	to: number;
	/** Ids of the pairs whose answers are measured. */
	probes: readonly string[];
}

export interface PairGradientJob {
	recipe: Recipe;
	pairs: readonly PreferencePair[];
	/** Pairs whose mean loss the effects are on; empty if there are none. */
	heldOut: readonly PreferencePair[];
	/** Some pairs of the run, whose mismatched completions give the drift, for an objective that reads `kl`. */
	drift: readonly PreferencePair[];
	/** Merged into the weights as the run's reference; absent if the run begins from the base model. */
	begin?: Adapter;
	/** Null measures at the untrained adapter. */
	adapter: Adapter | null;
}

/** The model's tokenizer: text to ids and back. */
export interface Tokenizer {
	/**
	 * Special tokens in the text (`<|im_end|>`) become their ids. Adds no tokens around the text unless
	 * `addSpecialTokens` is true, because chat templates contain their own.
	 */
	encode(text: string, options?: { addSpecialTokens: boolean }): number[];
	decode(ids: readonly number[], options?: { skipSpecialTokens: boolean }): string;
}

/** The compute worker: tensors, gradients and the adapter. */
export interface ComputeEngine {
	device(): Promise<DeviceReport>;
	/** Sets the GPU's programs and weight format, now and for later visits; not allowed during training. */
	setKernels(settings: KernelSettings): Promise<DeviceReport>;
	load(
		source: ModelSource,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<ModelConfig>;
	/** Prepares a run of this recipe in the background; without it, training takes longer to start. */
	prepare(recipe: Recipe): Promise<void>;
	train(job: TrainJob, onEvent: (event: TrainEvent) => void): TrainControl;
	/** The adapter of a run after its last step; null if that run is not in training. */
	currentAdapter(runId: string): Promise<Adapter | null>;
	/** A prompt that is too long, empty or unreadable is refused by itself; the others are answered. */
	generate(
		request: GenerateRequest,
		onReply: (index: number, reply: PromptReply) => void,
		signal: AbortSignal,
	): Promise<readonly PromptReply[]>;
	/** The tokens of a pair's sides, for the Batch view. */
	tokenize(pair: PreferencePair, maxLength: number): Promise<{ chosen: Tokenized; rejected: Tokenized }>;
	/**
	 * log π of each completion token of some pairs, with an adapter or without (null): the input of token credit.
	 *
	 * @returns one for each pair, in their order
	 */
	tokenLogps(pairs: readonly PreferencePair[], adapter: AdapterChoice): Promise<readonly PairLogps[]>;
	/**
	 * Makes one check of a run; the run is not changed.
	 *
	 * @throws AppError `check-no-pairs` · Cancelled · `begin-block-weights`
	 */
	check(job: CheckJob, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<CheckOutcome>;
	/**
	 * Why log π of some pairs' answers changed over a span of steps. Takes the steps again on an adapter of its own; runs in training
	 * go on in between.
	 *
	 * @throws Cancelled · AppError `resume-mismatch`
	 */
	attributeSpan(
		job: SpanJob,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<SpanAttribution>;
	/** The gradient of each pair alone at one adapter. A pair that the model cannot read is left out. @throws Cancelled */
	pairGradients(
		job: PairGradientJob,
		onPair: (pair: PairGradient) => void,
		signal: AbortSignal,
	): Promise<readonly PairGradient[]>;
	dispose(): Promise<void>;
}

/** Runs and their checkpoints, stored on this machine. */
export interface RunStore {
	/** All stored runs, by one reading of the store. */
	survey(): Promise<StoreSurvey>;
	/** @throws FormatError `run-damaged` · `run-newer` */
	read(id: string): Promise<RunRecord | null>;
	/** The text of a record as it is stored, also of a damaged one; null if there is none. */
	readText(id: string): Promise<string | null>;
	/**
	 * Writes the run without its checkpoints, under its stored name; fast enough for the end of every phase.
	 *
	 * @returns the new edition
	 * @throws StorageError `run-overtaken` if the stored edition is not the edition that this run was read
	 *   from · `run-deleted` if the run was stored before and is not any more; writes nothing
	 */
	write(run: RunRecord): Promise<number>;
	/** Changes only the stored name, so that a tab can rename a run that another tab is running. */
	rename(id: string, name: string): Promise<void>;
	remove(id: string): Promise<void>;
	/** Calls back when any tab, including this one, deletes a run. Returns the function that ends it. */
	onRemoved(listener: (id: string) => void): () => void;
	/** @throws StorageError `run-not-stored` if the run is not stored, because nothing would ever delete the checkpoint */
	writeCheckpoint(id: string, adapter: Adapter, state: TrainerState | null): Promise<void>;
	/** @throws FormatError if the checkpoint is damaged · StorageError if the store itself fails */
	readCheckpoint(id: string, step: number): Promise<StoredCheckpoint | null>;
	/** Deletes checkpoints whose run is not stored, except of runs that a tab is working on. */
	sweep(): Promise<void>;
}

export interface StoreSurvey {
	/** The runs that can be listed. */
	runs: readonly RunSummary[];
	/** The stored runs that cannot be listed, each with its reason. */
	damaged: readonly DamagedRun[];
	/** The browser's limit for this page in bytes; null if the browser reports none. */
	quota: number | null;
}

export interface StoredCheckpoint {
	adapter: Adapter;
	state: TrainerState | null;
}

/** Named sets of pairs, stored on this machine. */
export interface SetStore {
	/** All stored sets without their pairs. A set that cannot be listed hides none of the others. */
	survey(): Promise<SetSurvey>;
	/** @throws FormatError `set-damaged` · `set-newer` */
	read(id: string): Promise<KeptSet | null>;
	/** The text of a set as it is stored, also of a damaged one; null if there is none. */
	readText(id: string): Promise<string | null>;
	/**
	 * Writes the whole set or nothing.
	 *
	 * @param before `sha256` of the stored pairs that these replace; null for a new set
	 * @throws StorageError `set-overtaken` if the stored pairs are others · `set-deleted` if there are none
	 */
	write(set: KeptSet, before: string | null): Promise<void>;
	/** Changes only the name. */
	rename(id: string, name: string): Promise<void>;
	remove(id: string): Promise<void>;
}

export interface SetSurvey {
	sets: readonly SetSummary[];
	damaged: readonly DamagedSet[];
}

/** Grids of runs, stored on this machine. Their runs are in the {@link RunStore}. */
export interface GridStore {
	/** All stored grids. A grid that cannot be listed hides none of the others. */
	survey(): Promise<GridSurvey>;
	/** @throws FormatError `grid-damaged` · `grid-newer` */
	read(id: string): Promise<StoredGrid | null>;
	/** The outcomes of a grid's runs, without those that cannot be read. */
	outcomes(id: string): Promise<readonly RunOutcome[]>;
	/**
	 * @returns the new edition
	 * @throws StorageError `grid-overtaken` if the stored edition is another · `grid-deleted`; writes nothing
	 */
	write(grid: StoredGrid): Promise<number>;
	/** @throws StorageError `grid-deleted` if the grid is not stored, because nothing would ever delete the outcome */
	writeOutcome(id: string, outcome: RunOutcome): Promise<void>;
	/** Deletes a grid and its outcomes, not its runs. */
	remove(id: string): Promise<void>;
}

export interface GridSurvey {
	grids: readonly GridSummary[];
	damaged: readonly DamagedGrid[];
}

/** Measured kernel times by device, which can be measured again, and the user's kernel settings. */
export interface KernelStore {
	times(device: string): Promise<KernelTimes | null>;
	keepTimes(device: string, times: KernelTimes): Promise<void>;
	settings(): Promise<KernelSettings | null>;
	keepSettings(settings: KernelSettings): Promise<void>;
}

/** The catalogue of models that this build can load. */
export interface ModelCatalogue {
	list(): Promise<readonly ModelSource[]>;
	/** WebLLM's compiled libraries beside the page; empty if it has none. */
	libraries(): Promise<readonly PlacedLibrary[]>;
}

/** `now`: milliseconds of a monotonic clock. `date`: the time of day in ISO form. */
export interface Clock {
	now(): number;
	date(): string;
}
