/** The page's side of the compute worker: the port `ComputeEngine` over remote calls. */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { CheckJob, CheckOutcome } from '#core/checks/check.ts';
import { AppError, Cancelled } from '#core/errors.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import type { SpanAttribution } from '#core/loss/attribution.ts';
import type { PairGradient } from '#core/loss/pairGradient.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type {
	AdapterChoice,
	PromptReply,
	ComputeEngine,
	DeviceReport,
	GenerateRequest,
	PairGradientJob,
	PairLogps,
	Progress,
	SpanJob,
	Tokenized,
	TrainControl,
	TrainEvent,
	TrainJob,
} from '#core/ports.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import { RpcClient } from '#core/rpc/client.ts';
import type { MessageEnd } from '#core/rpc/messages.ts';
import type { COMPUTE_CALLS } from './computeCalls.ts';

export class ComputeClient implements ComputeEngine {
	readonly #rpc: RpcClient<typeof COMPUTE_CALLS>;

	/**
	 * @param end       the worker, or one end of a channel
	 * @param terminate ends the worker; called by `dispose` and after a crash
	 */
	constructor(end: MessageEnd, terminate: () => void) {
		this.#rpc = new RpcClient(end, { terminate, crashed });
	}

	device(): Promise<DeviceReport> {
		return this.#rpc.call('device', undefined);
	}

	setKernels(settings: KernelSettings): Promise<DeviceReport> {
		return this.#rpc.call('setKernels', settings);
	}

	load(
		source: ModelSource,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<ModelConfig> {
		return this.#rpc.call('load', source, { onEvent: onProgress, signal });
	}

	prepare(recipe: Recipe): Promise<void> {
		return this.#rpc.call('prepare', recipe);
	}

	train(job: TrainJob, onEvent: (event: TrainEvent) => void): TrainControl {
		const { result, control } = this.#rpc.start('train', job, { onEvent });
		return {
			pause: () => control('pause'),
			resume: () => control('resume'),
			step: () => control('step'),
			stop: (keep) => control(keep ? 'stop-keep' : 'stop-discard'),
			finished: result,
		};
	}

	currentAdapter(runId: string): Promise<Adapter | null> {
		return this.#rpc.call('currentAdapter', runId);
	}

	generate(
		request: GenerateRequest,
		onReply: (index: number, reply: PromptReply) => void,
		signal: AbortSignal,
	): Promise<readonly PromptReply[]> {
		return this.#rpc.call('generate', request, {
			onEvent: ({ index, reply }) => onReply(index, reply),
			signal,
		});
	}

	tokenize(pair: PreferencePair, maxLength: number): Promise<{ chosen: Tokenized; rejected: Tokenized }> {
		return this.#rpc.call('tokenize', { pair, maxLength });
	}

	tokenLogps(pairs: readonly PreferencePair[], adapter: AdapterChoice): Promise<readonly PairLogps[]> {
		return this.#rpc.call('tokenLogps', { pairs, adapter });
	}

	check(job: CheckJob, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<CheckOutcome> {
		return this.#rpc.call('check', job, { onEvent: onProgress, signal });
	}

	attributeSpan(
		job: SpanJob,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<SpanAttribution> {
		return this.#rpc.call('attributeSpan', job, { onEvent: onProgress, signal });
	}

	pairGradients(
		job: PairGradientJob,
		onPair: (pair: PairGradient) => void,
		signal: AbortSignal,
	): Promise<readonly PairGradient[]> {
		return this.#rpc.call('pairGradients', job, { onEvent: onPair, signal });
	}

	/** Frees the device and ends the worker; pending calls fail as cancelled. Safe to repeat. */
	async dispose(): Promise<void> {
		if (this.#rpc.closed !== null) return;
		try {
			await this.#rpc.call('dispose', undefined);
		} finally {
			this.#rpc.close(new Cancelled('The compute worker was closed.'));
		}
	}
}

function crashed(detail: string): AppError {
	return new AppError(`The compute worker stopped: ${detail}.`, {
		code: 'worker-crashed',
		hint: 'Reload the page; a run in training can resume from its last checkpoint.',
	});
}
