/**
 * The work of an engine, step by step, and the interface that it must implement: one training run in a form
 * that every peer can read.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import { projectionShapes } from '#core/adapter/projections.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import { at } from '#core/math/at.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { fuseWeights, type HostTensor } from '#model/fuse.ts';

/** APO-zero on LoRA with AdamW; the base is frozen. */
export interface Workload {
	config: ModelConfig;
	/** Under WebLLM's names or transformers'. */
	tensors: ReadonlyMap<string, HostTensor>;
	adapter: Adapter;
	/** Pairs of each step; a longer run restarts the list. */
	batches: readonly (readonly TokenizedPair[])[];
	beta: number;
	optimiser: {
		beta1: number;
		beta2: number;
		eps: number;
		weightDecay: number;
		/** Largest global L2 norm of the gradient; 0 means no clipping. */
		maxGradNorm: number;
	};
	/** @param step from 1 */
	learningRate: (step: number) => number;
}

/**
 * One engine's training run: `step` resolves to the loss before the update, after all work of the step is
 * done.
 */
export interface BenchEngine {
	step(): Promise<number>;
	dispose(): void;
}

/** The pairs of a step, counted from 1. */
export function batchOf<T>(batches: readonly T[], step: number): T {
	return at(batches, (step - 1) % batches.length);
}

/** Tokens as TRL counts them: both sides, each with its prompt. */
export function tokensOf(pairs: readonly TokenizedPair[]): number {
	return pairs.reduce(
		(sum, { promptIds, chosenIds, rejectedIds }) =>
			sum + 2 * promptIds.length + chosenIds.length + rejectedIds.length,
		0,
	);
}

/**
 * The weights under transformers' names, without a leading `model.`; q, k, v and gate, up are separate, as
 * peers expect.
 */
export function splitWeights({
	config,
	tensors,
}: Pick<Workload, 'config' | 'tensors'>): Map<string, HostTensor> {
	const fused = projectionShapes(config);
	const split = new Map<string, HostTensor>();
	for (const [name, tensor] of fuseWeights(tensors)) {
		const shape = fused.find(({ projection }) => name.includes(`.${projection}_proj.`));
		if (shape === undefined) {
			split.set(name, tensor);
			continue;
		}
		const width = tensor.data.length / shape.outFeatures;
		for (const { module, rowStart, rowEnd } of shape.parts) {
			split.set(name.replace(`${shape.projection}_proj`, module), {
				shape: [rowEnd - rowStart, ...tensor.shape.slice(1)],
				data: tensor.data.subarray(rowStart * width, rowEnd * width),
			});
		}
	}
	return split;
}

/** [rows, columns] to [columns, rows]. */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
	const out = new Float32Array(data.length);
	for (let i = 0; i < data.length; i++) {
		out[(i % columns) * rows + Math.floor(i / columns)] = data[i] ?? 0;
	}
	return out;
}
