/** The calls of the compute worker, one row each: the methods of `ComputeEngine` in a form that messages can carry. */
import type { CheckJob } from '#core/checks/check.ts';
import type { AdapterChoice, ComputeEngine, TrainControl } from '#core/ports.ts';
import type {
	GenerateRequest,
	PairGradientJob,
	Progress,
	PromptReply,
	SpanJob,
	TrainEvent,
	TrainJob,
} from '#core/ports.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { PairGradient } from '#core/loss/pairGradient.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { callsOf, type CallContext } from '#core/rpc/call.ts';
import { adapterBuffers, trainEventBuffers } from './transfer.ts';

/** One answered prompt of `generate`. */
export interface ReplyEvent {
	index: number;
	reply: PromptReply;
}

/** Control messages of `train`. */
export const TRAIN_ACTIONS = {
	pause: (run: TrainControl) => run.pause(),
	resume: (run: TrainControl) => run.resume(),
	step: (run: TrainControl) => run.step(),
	'stop-keep': (run: TrainControl) => run.stop(true),
	'stop-discard': (run: TrainControl) => run.stop(false),
};
export type TrainAction = keyof typeof TRAIN_ACTIONS;

const call = callsOf<ComputeEngine>();

export const COMPUTE_CALLS = {
	device: call((engine) => engine.device()),
	setKernels: call((engine, settings: KernelSettings) => engine.setKernels(settings)),
	load: call((engine, source: ModelSource, { emit, signal }: CallContext<Progress>) =>
		engine.load(source, emit, signal),
	),
	prepare: call((engine, recipe: Recipe) => engine.prepare(recipe)),
	train: call(
		(engine, job: TrainJob, { emit, onControl }: CallContext<TrainEvent, TrainAction>) => {
			const run = engine.train(job, emit);
			onControl((action) => TRAIN_ACTIONS[action](run));
			return run.finished;
		},
		{ event: trainEventBuffers },
	),
	currentAdapter: call((engine, runId: string) => engine.currentAdapter(runId), { output: adapterBuffers }),
	generate: call((engine, request: GenerateRequest, { emit, signal }: CallContext<ReplyEvent>) =>
		engine.generate(request, (index, reply) => emit({ index, reply }), signal),
	),
	tokenize: call((engine, { pair, maxLength }: { pair: PreferencePair; maxLength: number }) =>
		engine.tokenize(pair, maxLength),
	),
	tokenLogps: call(
		(engine, { pairs, adapter }: { pairs: readonly PreferencePair[]; adapter: AdapterChoice }) =>
			engine.tokenLogps(pairs, adapter),
		{
			output: (read) =>
				read.flatMap((one) => ('refused' in one ? [] : [one.chosen.buffer, one.rejected.buffer])),
		},
	),
	check: call((engine, job: CheckJob, { emit, signal }: CallContext<Progress>) =>
		engine.check(job, emit, signal),
	),
	attributeSpan: call((engine, job: SpanJob, { emit, signal }: CallContext<Progress>) =>
		engine.attributeSpan(job, emit, signal),
	),
	pairGradients: call((engine, job: PairGradientJob, { emit, signal }: CallContext<PairGradient>) =>
		engine.pairGradients(job, emit, signal),
	),
	dispose: call((engine) => engine.dispose()),
};
