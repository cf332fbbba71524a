/**
 * Device memory of a run before it starts, from shapes alone.
 *
 * The pool of GPU buffers is keyed by exact size and keeps what was freed, so its peak is, size by size, the most that were ever
 * held at once. The passes are therefore gone through here allocation by allocation, in the order of src/model and of the
 * kernels, without computing anything.
 */
import { planChunks } from '#engine/kernels/targetLogps/backward.ts';
import { planSpans } from '#engine/kernels/targetLogps/forward.ts';
import type { FusedProjection } from '#core/adapter/projections.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { Keep } from '#model/decoder.ts';
import type { DeviceLora } from '#model/lora.ts';
import { Ledger } from './ledger.ts';

/** One micro-batch: packed rows, targets and segments. */
export interface BatchShape {
	rows: number;
	targets: number;
	segments: number;
}

export interface EstimateRequest {
	config: ModelConfig;
	lora: DeviceLora;
	/** Bytes of the frozen weights and positions of the rotary table. */
	weightBytes: number;
	positions: number;
	/** The different micro-batches that are trained on, and those of the reference pass. */
	shapes: readonly BatchShape[];
	referenceShapes: readonly BatchShape[];
	accumulationSteps: number;
	keep: Exclude<Keep, 'none'>;
}

/** @returns peak bytes on webgpu; checked against the pool's own count in tests/gpu/train.test.ts */
export function estimateBytes(request: EstimateRequest): number {
	const { config, lora, shapes, referenceShapes, accumulationSteps } = request;
	const ledger = new Ledger();
	ledger.take(request.positions * config.headDim);
	for (let i = 0; i < 4; i++) ledger.take(lora.layout.size);
	const sizes = sizesOf(config, lora);
	for (const shape of referenceShapes) {
		takeBatch(ledger, shape);
		referencePass(ledger, { ...sizes, ...shape });
	}
	for (const shape of shapes) {
		// Buffers of a batch stay; those of the reference pass serve the first micro-batch of a step.
		const kept = referenceShapes.some((other) => other.rows === shape.rows && other.targets === shape.targets)
			? 1
			: 0;
		for (let slot = kept; slot < accumulationSteps; slot++) takeBatch(ledger, shape);
		ledger.take(shape.segments * accumulationSteps);
		trainPass(ledger, { ...sizes, ...shape }, request.keep);
	}
	ledger.during([1024, 1], () => undefined);
	// What is read back lands in staging buffers: metrics, and parameters with both moments at a checkpoint.
	for (let i = 0; i < 3; i++) ledger.take(lora.layout.size, 'staging');
	return request.weightBytes + ledger.bytes;
}

/** Floats a row of everything that is as wide as a part of the model. */
interface Sizes {
	C: number;
	F: number;
	/** q, k and v; o. */
	W: number;
	O: number;
	/** q, k and v as they were before the heads' norms, where the model has them. */
	unnormed: number;
	heads: number;
	layers: number;
	V: number;
	/** Rows of A of each projection, in the blocks that have one. */
	low: Readonly<Record<FusedProjection, number>>;
}

type Pass = Sizes & BatchShape;

function sizesOf(config: ModelConfig, lora: DeviceLora): Sizes {
	const { hiddenSize, intermediateSize, heads, kvHeads, headDim, layers, vocabSize } = config;
	const low: Record<FusedProjection, number> = { qkv: 0, o: 0, gate_up: 0, down: 0 };
	for (const { projection, aRows } of lora.layout.slots) low[projection] = aRows;
	const width = (heads + 2 * kvHeads) * headDim;
	return {
		C: hiddenSize,
		F: intermediateSize,
		W: width,
		O: heads * headDim,
		unnormed: config.qkNorm ? width : 0,
		heads,
		layers,
		V: vocabSize,
		low,
	};
}

function takeBatch(ledger: Ledger, { rows, targets }: BatchShape): void {
	for (const size of [rows, rows, 4 * rows, targets, targets, targets]) ledger.take(size);
}

/** Takes what one block's forward pass makes, in order; the names say what backward frees. */
function takeBlock(ledger: Ledger, { rows: T, C, F, W, O, unnormed, heads, low }: Pass): number[] {
	const kept = [T * C, T * low.qkv, T * unnormed, T * W, T * O, 2 * T * heads];
	// q, k and v before rotation live until attention has read them.
	ledger.during([T * W], () => kept.forEach((size) => ledger.take(size)));
	const rest = [T * C, T * low.o, T * C, 2 * T * F, T * low.gate_up, T * F, T * low.down];
	rest.forEach((size) => ledger.take(size));
	return [...kept, ...rest];
}

function giveAll(ledger: Ledger, sizes: readonly number[]): void {
	for (const size of sizes) ledger.give(size);
}

function takeLogps(ledger: Ledger, { rows: T, targets: N, segments, C, V }: Pass): number[] {
	ledger.take(T * C);
	ledger.during([N * C, 4 * N * planSpans(V).spans], () => ledger.during([N, N, N], () => undefined));
	const kept = [N, N, segments];
	kept.forEach((size) => ledger.take(size));
	return [T * C, ...kept];
}

function referencePass(ledger: Ledger, pass: Pass): void {
	const { rows: T, C, layers } = pass;
	const base = { ...pass, low: { qkv: 0, o: 0, gate_up: 0, down: 0 } };
	ledger.take(T * C);
	for (let layer = 0; layer < layers; layer++) {
		const block = takeBlock(ledger, base);
		ledger.take(T * C);
		giveAll(ledger, [...block, T * C]);
	}
	const head = takeLogps(ledger, base);
	ledger.take(pass.segments, 'staging');
	giveAll(ledger, [...head, T * C]);
	ledger.give(pass.segments, 'staging');
}

function trainPass(ledger: Ledger, pass: Pass, keep: Exclude<Keep, 'none'>): void {
	const { rows: T, targets: N, segments, C, V, layers } = pass;
	const blocks: number[][] = [];
	ledger.take(T * C);
	for (let layer = 0; layer < layers; layer++) {
		const block = takeBlock(ledger, pass);
		ledger.take(T * C);
		if (keep === 'inputs') giveAll(ledger, block);
		blocks.push(block);
	}
	const head = takeLogps(ledger, pass);
	ledger.take(segments);
	ledger.take(N);
	const { width } = planChunks(N, V);
	ledger.take(N * C);
	ledger.during([N * C, N * width], () => undefined);
	ledger.take(T * C);
	giveAll(ledger, [N * C, N, ...head]);
	// The gradient at the last block's output takes the place of the head's; that output is freed.
	ledger.during([T * C], () => undefined);
	for (const block of blocks.toReversed()) {
		if (keep === 'inputs') ledger.during([T * C], () => void takeBlock(ledger, pass));
		backwardBlock(ledger, pass);
		giveAll(ledger, [...block, T * C]);
	}
	giveAll(ledger, [segments, T * C, T * C]);
}

/** Temporaries of one block's backward pass; its incoming gradient stands already. */
function backwardBlock(ledger: Ledger, { rows: T, C, F, W, O, low }: Pass): void {
	ledger.during([T * F, T * low.down], () => undefined);
	ledger.during([T * F, 2 * T * F], () => undefined);
	ledger.during([2 * T * F, T * low.gate_up, T * C], () => undefined);
	ledger.during([T * C, T * C], () => undefined);
	ledger.during([T * C], () => {
		ledger.during([T * O, T * low.o], () => undefined);
		ledger.during([T * O, T * W], () => undefined);
		ledger.during([T * W, T * low.qkv, T * C], () => undefined);
		ledger.during([T * C, T * C], () => undefined);
	});
}
