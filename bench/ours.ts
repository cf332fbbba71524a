/** The step as the trainer does it: packed rows, shared prompts, our kernels, one submit. */
import { openDevice, type Device } from '#engine/device.ts';
import { compileInParallel, counters, flush, memoryReport, resetPeak } from '#engine/memory.ts';
import { wasmFiles } from '#engine/wasm-files.ts';
import { at } from '#core/math/at.ts';
import { packPairs } from '#core/batch/pack.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import type { Adapter, LoraMatrices } from '#core/adapter/adapter.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { objectiveOf } from '#core/loss/objectives.ts';
import { pairLoss } from '#core/loss/pairLoss.ts';
import type { TargetModule } from '#core/recipe/recipe.ts';
import { createDecoder } from '#model/decoder.ts';
import type { HostTensor } from '#model/fuse.ts';
import { bindLora, deviceLora, paramsOf } from '#model/lora.ts';
import { createBuffers, disposeBuffers } from '#train/buffers.ts';
import { StepRunner, type MicroBatch, type StepOptions, type StepReading } from '#train/step.ts';
import { makeProblem, OPTIMISER, PROJECTIONS, SIZE, type BenchEngine, type Problem } from './problem.ts';

export interface OursReport {
	/** Recorded in one step of the whole model. */
	dispatches: number;
	submits: number;
	/** Milliseconds of the page's side of a step: recording, uploads, the submit itself. */
	hostMs: number;
	bytesAllocated: number;
	peakBytes: number;
}

export interface OursEngine extends BenchEngine {
	device: Device;
	report(): OursReport | null;
}

const LORA = { rank: SIZE.rank, alpha: SIZE.rank * SIZE.scaling, targetModules: modules() };

function modules(): TargetModule[] {
	return PROJECTIONS.map(({ name }) => `${name}_proj` as const);
}

function configOf(layers: number): ModelConfig {
	return {
		architecture: 'llama',
		hiddenSize: SIZE.hidden,
		intermediateSize: SIZE.ffn,
		layers,
		heads: SIZE.heads,
		kvHeads: SIZE.heads,
		headDim: SIZE.headDim,
		vocabSize: SIZE.vocab,
		rmsNormEps: SIZE.rmsNormEps,
		ropeTheta: SIZE.ropeTheta,
		ropeScaling: null,
		tieWordEmbeddings: true,
		attentionBias: false,
		qkNorm: false,
		maxPositions: SIZE.tokens,
	};
}

/** [rows, columns] to [columns, rows]. */
function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
	const out = new Float32Array(data.length);
	for (let i = 0; i < data.length; i++) {
		out[(i % columns) * rows + Math.floor(i / columns)] = data[i] ?? 0;
	}
	return out;
}

function tensorsOf({ embedding, layers }: Problem): Map<string, HostTensor> {
	const { hidden, vocab } = SIZE;
	const ones: HostTensor = { shape: [hidden], data: new Float32Array(hidden).fill(1) };
	const tensors = new Map<string, HostTensor>([
		['embed_tokens.weight', { shape: [vocab, hidden], data: embedding }],
		['norm.weight', ones],
	]);
	layers.forEach((layer, i) => {
		tensors.set(`layers.${i}.input_layernorm.weight`, ones);
		tensors.set(`layers.${i}.post_attention_layernorm.weight`, ones);
		for (const { name, inputs, outputs } of PROJECTIONS) {
			const part = ['gate', 'up', 'down'].includes(name) ? 'mlp' : 'self_attn';
			tensors.set(`layers.${i}.${part}.${name}_proj.weight`, {
				shape: [outputs, inputs],
				data: transposed(layer[name].weight, inputs, outputs),
			});
		}
	});
	return tensors;
}

function adapterOfProblem({ layers }: Problem): Adapter {
	const matrices = layers.flatMap((layer, i) =>
		PROJECTIONS.map(({ name, inputs, outputs }): LoraMatrices => ({
			layer: i,
			module: `${name}_proj`,
			loraA: transposed(layer[name].a, inputs, SIZE.rank),
			loraB: transposed(layer[name].b, SIZE.rank, outputs),
			inFeatures: inputs,
			outFeatures: outputs,
		})),
	);
	return { id: 'bench', step: 0, config: LORA, matrices };
}

function pairsOf({ ids }: Problem): TokenizedPair[] {
	const row = (i: number): number[] => [...ids.subarray(i * SIZE.tokens, (i + 1) * SIZE.tokens)];
	return Array.from({ length: SIZE.pairs }, (_, i) => ({
		id: `pair-${i}`,
		promptIds: row(i).slice(0, SIZE.promptTokens),
		chosenIds: row(i).slice(SIZE.promptTokens),
		rejectedIds: row(i + SIZE.pairs).slice(SIZE.promptTokens),
		mergedPromptTokens: 0,
		truncated: false,
	}));
}

/** @param layers fewer than the problem's show what one layer costs */
export async function ours(backend: 'webgpu' | 'wasm', layers: number = SIZE.layers): Promise<OursEngine> {
	const device = await openDevice({ backend, wasmFiles });
	const full = makeProblem();
	const problem = { ...full, layers: full.layers.slice(0, layers) };
	const config = configOf(layers);
	const model = createDecoder(config, tensorsOf(problem));
	const layout = deviceLora(config, LORA);
	const params = paramsOf(layout, adapterOfProblem(problem));
	const buffers = createBuffers({
		params,
		m: new Float32Array(params.length),
		v: new Float32Array(params.length),
	});
	const lora = bindLora(layout, buffers.params);
	const runner = new StepRunner(model);
	const packed = packPairs(pairsOf(problem));
	const reference = Float32Array.from(await runner.logps(packed, null));
	reference[reference.length - 1] = 0;
	const batch: MicroBatch = { packed, reference };
	let step = 0;
	const options = (): StepOptions => ({
		objective: 'apo_zero',
		beta: OPTIMISER.beta,
		keep: 'all',
		adamW: adamWOf(step),
	});
	await compileInParallel(() => {
		// A runner of its own, as the trainer does: what it allocates here is freed with the pass.
		new StepRunner(model).step(buffers, lora, [batch], options()).catch(() => undefined);
	});
	const work = (): Promise<StepReading> => runner.step(buffers, lora, [batch], options());
	let last: OursReport | null = null;
	return {
		device,
		step: async () => {
			step++;
			const { reading, report } = await measured(device, work);
			last = report;
			return lossOf(at(reading.logps, 0), reference);
		},
		report: () => last,
		dispose: () => {
			runner.dispose();
			disposeBuffers(buffers);
			model.dispose();
			flush();
		},
	};
}

function adamWOf(step: number): StepOptions['adamW'] {
	const { lr, beta1, beta2, eps, weightDecay } = OPTIMISER;
	return { lr, beta1, beta2, eps, weightDecay, step: Math.max(1, step), maxGradNorm: 0 };
}

/** One step with what it recorded, and its last update done. */
async function measured(
	{ gpu }: Device,
	work: () => Promise<StepReading>,
): Promise<{ reading: StepReading; report: OursReport }> {
	const before = gpu === null ? null : { ...counters() };
	resetPeak();
	const begin = performance.now();
	const pending = work();
	const hostMs = performance.now() - begin;
	const after = gpu === null ? null : { ...counters() };
	const reading = await pending;
	await gpu?.queue.onSubmittedWorkDone();
	const { bytesAllocated, peakBytes } = memoryReport();
	const dispatches = (after?.dispatches ?? 0) - (before?.dispatches ?? 0);
	const submits = (after?.submits ?? 0) - (before?.submits ?? 0);
	return { reading, report: { hostMs, bytesAllocated, peakBytes, dispatches, submits } };
}

function lossOf(logps: Float32Array, reference: Float32Array): number {
	const side = (list: Float32Array, offset: number): number[] =>
		Array.from({ length: SIZE.pairs }, (_, i) => list[2 * i + offset] ?? NaN);
	return pairLoss(objectiveOf('apo_zero'), OPTIMISER.beta, {
		policyChosen: side(logps, 0),
		policyRejected: side(logps, 1),
		refChosen: side(reference, 0),
		refRejected: side(reference, 1),
	}).loss;
}
