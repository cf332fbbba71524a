/**
 * What crosses the border between the page and the compute worker: types only.
 *
 * Every request carries an id; everything the worker says about it carries the same id. Long calls are cancelled by a message
 * of their own. Training answers with events until its run has ended.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type {
	AdapterChoice,
	ChatReply,
	DeviceReport,
	GenerateRequest,
	Progress,
	Tokenized,
	TrainEvent,
	TrainJob,
} from '#core/ports.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import type { WireError } from '#core/errors.ts';

/** What each call is given and gives back. */
export interface ComputeCalls {
	device: { payload: null; result: DeviceReport };
	setKernels: { payload: KernelSettings; result: DeviceReport };
	load: { payload: ModelSource; result: ModelConfig };
	prepare: { payload: Recipe; result: null };
	train: { payload: TrainJob; result: null };
	currentAdapter: { payload: string; result: Adapter | null };
	generate: { payload: GenerateRequest; result: readonly ChatReply[] };
	tokenize: {
		payload: { pair: PreferencePair; maxLength: number };
		result: { chosen: Tokenized; rejected: Tokenized };
	};
	tokenLogps: {
		payload: { pair: PreferencePair; adapter: AdapterChoice };
		result: { chosen: Float32Array; rejected: Float32Array };
	};
	dispose: { payload: null; result: null };
}

export type CallName = keyof ComputeCalls;
export type Payload<N extends CallName> = ComputeCalls[N]['payload'];
export type Result<N extends CallName> = ComputeCalls[N]['result'];

export type ControlAction = 'pause' | 'resume' | 'step' | 'stop-keep' | 'stop-discard';

/** Page to worker. */
export type ComputeRequest =
	| { [N in CallName]: { type: 'call'; id: number; name: N; payload: Payload<N> } }[CallName]
	/** Gives up a call; it answers with `Cancelled`. */
	| { type: 'cancel'; id: number }
	/** Steers the run that the call `id` started. */
	| { type: 'control'; id: number; action: ControlAction };

/** Worker to page. */
export type ComputeMessage =
	| { [N in CallName]: { type: 'result'; id: number; name: N; result: Result<N> } }[CallName]
	| { type: 'error'; id: number; error: WireError }
	| { type: 'progress'; id: number; progress: Progress }
	| { type: 'reply'; id: number; index: number; reply: ChatReply }
	| { type: 'event'; id: number; event: TrainEvent };

/** The part of a Worker or a MessagePort that either side needs; tests join the two with a MessageChannel. */
export interface MessageEnd {
	postMessage(message: unknown, transfer: Transferable[]): void;
	addEventListener(type: string, listener: (event: Event) => void): void;
	removeEventListener(type: string, listener: (event: Event) => void): void;
}
