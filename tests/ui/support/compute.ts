/** A fake of the compute worker. */
import type { CheckJob, CheckOutcome } from '#core/checks/check.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import { Cancelled } from '#core/errors.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { SpanAttribution } from '#core/loss/attribution.ts';
import type { PairGradient } from '#core/loss/pairGradient.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type {
	AdapterChoice,
	ChatReply,
	ComputeEngine,
	DeviceReport,
	GenerateRequest,
	PairGradientJob,
	PairLogps,
	SpanJob,
	Tokenized,
	TrainControl,
	TrainEvent,
	TrainJob,
} from '#core/ports.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import { answer } from './model.ts';
import { adapterAt, StandInRun, type TrainingOptions } from './training.ts';

export const DEVICE: DeviceReport = {
	backend: 'webgpu',
	vendor: 'apple',
	architecture: 'metal-3',
	description: 'Apple M2',
	features: [],
	limits: {},
	fallbackReason: null,
};

export interface ComputeOptions extends TrainingOptions {
	device: DeviceReport;
}

export class StandInCompute implements ComputeEngine {
	#options: ComputeOptions;
	/** Steps of the trained runs, by id. */
	readonly #trained = new Map<string, { job: TrainJob; step: number }>();

	constructor(options: ComputeOptions) {
		this.#options = options;
	}

	device(): Promise<DeviceReport> {
		return Promise.resolve(this.#options.device);
	}

	setKernels(settings: KernelSettings): Promise<DeviceReport> {
		const { device } = this.#options;
		const { kernels } = device;
		this.#options = {
			...this.#options,
			device: kernels ? { ...device, kernels: { ...kernels, settings } } : device,
		};
		return this.device();
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

	prepare(): Promise<void> {
		return Promise.resolve();
	}

	train(job: TrainJob, onEvent: (event: TrainEvent) => void): TrainControl {
		const trained = { job, step: job.resume?.step ?? 0 };
		this.#trained.set(job.runId, trained);
		return new StandInRun(job, this.#options, onEvent, (step) => (trained.step = step));
	}

	currentAdapter(runId: string): Promise<Adapter | null> {
		const trained = this.#trained.get(runId);
		return Promise.resolve(trained === undefined ? null : adapterAt(trained.step, trained.job));
	}

	async generate(
		request: GenerateRequest,
		onReply: (index: number, reply: ChatReply) => void,
		signal: AbortSignal,
	): Promise<readonly ChatReply[]> {
		const step = this.#stepOf(request.adapter);
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

	#stepOf(adapter: AdapterChoice): number {
		if (adapter === null) return 0;
		return 'runId' in adapter ? (this.#trained.get(adapter.runId)?.step ?? 0) : adapter.step;
	}

	tokenLogps(pairs: readonly PreferencePair[]): Promise<readonly PairLogps[]> {
		return Promise.resolve(pairs.map(() => ({ chosen: new Float32Array(4), rejected: new Float32Array(4) })));
	}

	check(job: CheckJob): Promise<CheckOutcome> {
		const outcome = { passed: true, pairs: 8, learned: 8, steps: 21, lossBefore: 1, lossAfter: 0.31 };
		return Promise.resolve({
			check: 'overfit',
			...outcome,
			...(job.check === 'overfit' ? {} : { pairs: 4 }),
		});
	}

	attributeSpan({ from, to, probes }: SpanJob): Promise<SpanAttribution> {
		const change = { chosen: 0.3, rejected: -0.5, earlier: 0.1, total: -0.1 };
		return Promise.resolve({
			...{ from, to },
			pairs: probes.map((pairId) => ({ pairId, chosen: change, rejected: change })),
		});
	}

	pairGradients({ pairs, heldOut }: PairGradientJob): Promise<readonly PairGradient[]> {
		const rewards = { loss: 0.5, chosen: 1, rejected: -1 };
		const effect = (i: number): number | null => (heldOut.length === 0 ? null : i - 1);
		return Promise.resolve(
			pairs.map(({ id }, i) => ({ pairId: id, ...rewards, gradNorm: i, effect: effect(i) })),
		);
	}

	dispose(): Promise<void> {
		return Promise.resolve();
	}
}

/** Cuts long words in two, as a small vocabulary does. */
function pieces(text: string): string[] {
	return text
		.split(/(?<=\w)(?=\s)/)
		.flatMap((word) => (word.length > 6 ? [word.slice(0, 4), word.slice(4)] : [word]));
}
