/**
 * Generation with a KV cache: many prompts at once, adapter on or off, tokens sampled on the device.
 *
 * Prompts are packed and run once (prefill); then each step adds one row per sequence. Steps follow each
 * other on the device without the host. The host reads ids back a few steps later (at once if a step is
 * slow), so a sequence that has ended may run a few more steps, whose tokens are dropped. The batch shrinks
 * after enough sequences have ended. Each row draws from its own seed, so an answer does not depend on the
 * other rows of the batch, apart from float rounding.
 */
import {
	createKvCache,
	disposeKvCache,
	type KvCache,
} from '#engine/kernels/decodeAttention/decodeAttention.ts';
import { compileInParallel, runsLater } from '#engine/memory.ts';
import { AppError, Cancelled } from '#core/errors.ts';
import { decodeStep, prefill, type Decoding } from './decode.ts';
import { DecodeBatch, paddedRows, sequenceOf, type GenerateRow, type Sequence } from './decodeBatch.ts';
import type { Decoder } from './decoder.ts';
import type { LoraBinding } from './lora.ts';
import { mergeAdapter } from './mergeAdapter.ts';
import { nextTask } from '#core/concurrency.ts';

export type { GenerateRow } from './decodeBatch.ts';

export interface GenerateOptions {
	/** Tokens that end an answer; the answer does not contain them. */
	stopIds: ReadonlySet<number>;
	signal?: AbortSignal;
	/** Called after a row has ended. */
	onDone?: (row: number, result: Generated) => void;
	/**
	 * Limit for copies of the adapted projections with the adapter merged in, bytes. A larger model keeps the
	 * adapter separate, at twice the dispatches. Default 256 MiB.
	 */
	mergeBytes?: number;
}

export interface Generated {
	ids: readonly number[];
	finishReason: 'stop' | 'length';
}

/** Cache slots are allocated in multiples of this. */
const SLOT_BUCKET = 32;
/**
 * Duration of the steps that are recorded before ids are read: the longest wait of a cancel, and little
 * wasted work.
 */
const WINDOW_MS = 25;
const MOST_STEPS = 16;
const MERGE_BYTES = 256 * 2 ** 20;

/**
 * Answers all rows together.
 *
 * @throws AppError `prompt-too-long`; Cancelled between two tokens
 */
export async function generateBatch(
	model: Decoder,
	lora: LoraBinding | null,
	rows: readonly GenerateRow[],
	options: GenerateOptions,
): Promise<Generated[]> {
	if (rows.length === 0) return [];
	const caches = createCaches(model, rows);
	const results: Generated[] = [];
	const take = (sequence: Sequence, id: number): void => takeToken(model, options, results, sequence, id);
	const open = (): Opened => openDecoding({ model, lora, caches }, options.mergeBytes ?? MERGE_BYTES);
	let opened: Opened | null = null;
	try {
		await compileOnce(model, lora === null, rows, open);
		opened = open();
		await answer(opened.decoding, rows.map(sequenceOf), take, options.signal);
		return results;
	} finally {
		opened?.dispose();
		for (const cache of caches) disposeKvCache(cache);
	}
}

interface Opened {
	decoding: Decoding;
	dispose: () => void;
}

/** Merges the adapter if there is room for the copies. */
function openDecoding(decoding: Decoding, mergeBytes: number): Opened {
	const { model, lora, caches } = decoding;
	const merged = lora === null ? null : mergeAdapter(model, lora, mergeBytes);
	if (merged === null) return { decoding, dispose: () => undefined };
	return { decoding: { model: merged.model, lora: null, caches }, dispose: () => merged.dispose() };
}

type Take = (sequence: Sequence, id: number) => void;

async function answer(
	decoding: Decoding,
	sequences: readonly Sequence[],
	take: Take,
	signal: AbortSignal | undefined,
): Promise<void> {
	const prompts = sequences.map(({ request }) => request.ids);
	await withBatch(sequences, (batch) => batch.run(1, () => prefill(decoding, prompts, batch.rows), take));
	let steps = 1;
	for (;;) {
		const active = sequences.filter(({ ended }) => !ended);
		if (active.length === 0) return;
		await withBatch(active, async (batch) => {
			while (paddedRows(batch.active.length) === batch.rows) {
				await pause(signal);
				const begin = performance.now();
				await batch.run(steps, () => decodeStep(decoding, batch.state), take);
				steps = nextSteps(steps, performance.now() - begin);
			}
		});
	}
}

async function withBatch(
	sequences: readonly Sequence[],
	work: (batch: DecodeBatch) => Promise<void>,
): Promise<void> {
	const batch = new DecodeBatch(sequences, MOST_STEPS);
	try {
		await work(batch);
	} finally {
		batch.dispose();
	}
}

/**
 * On host backends a readback settles in the current task. Without a new task no message would arrive, and so
 * no cancel.
 */
async function pause(signal: AbortSignal | undefined): Promise<void> {
	await nextTask();
	if (signal?.aborted === true) throw new Cancelled();
}

function nextSteps(steps: number, ms: number): number {
	if (!runsLater()) return 1;
	return Math.max(1, Math.min(MOST_STEPS, 2 * steps, Math.floor((steps * WINDOW_MS) / ms)));
}

/** Compiled batch sizes by model, with the adapter off and on. */
const compiled = { base: new WeakMap<Decoder, Set<number>>(), adapted: new WeakMap<Decoder, Set<number>>() };

/**
 * Compiles the kernels of both passes in parallel, for this batch size and the sizes that the batch may
 * shrink to.
 */
async function compileOnce(
	model: Decoder,
	base: boolean,
	rows: readonly GenerateRow[],
	open: () => Opened,
): Promise<void> {
	const byModel = base ? compiled.base : compiled.adapted;
	const known = byModel.get(model) ?? new Set<number>();
	byModel.set(model, known);
	// Batches above sixteen rows share the programs of sixteen.
	const sizes = [1, 4, 16].filter((size) => size <= paddedRows(rows.length) && !known.has(size));
	if (sizes.length === 0) return;
	for (const size of sizes) known.add(size);
	await compileInParallel(() => {
		const { decoding, dispose } = open();
		for (const size of sizes) recordPasses(decoding, rows.slice(0, size), 1);
		dispose();
	});
}

/** Records the prompts' pass and one step. */
function recordPasses(decoding: Decoding, rows: readonly GenerateRow[], steps: number): void {
	const sequences = rows.map(sequenceOf);
	const batch = new DecodeBatch(sequences, steps);
	batch.record(1, () =>
		prefill(
			decoding,
			rows.map(({ ids }) => ids),
			batch.rows,
		),
	);
	batch.record(1, () => decodeStep(decoding, batch.state));
	batch.dispose();
}

/**
 * Allocates and records one {@link generateBatch} without reading anything: for `rehearse`
 * (engine/memory.ts).
 */
export function rehearseBatch(model: Decoder, lora: LoraBinding, rows: readonly GenerateRow[]): void {
	const caches = createCaches(model, rows);
	const { decoding, dispose } = openDecoding({ model, lora, caches }, MERGE_BYTES);
	recordPasses(decoding, rows, MOST_STEPS);
	dispose();
	for (const cache of caches) disposeKvCache(cache);
}

function createCaches(model: Decoder, rows: readonly GenerateRow[]): KvCache[] {
	const longest = Math.max(...rows.map(({ ids, maxTokens }) => ids.length + maxTokens));
	const prompt = Math.max(...rows.map(({ ids }) => ids.length));
	if (prompt >= model.positions) {
		throw new AppError(`A prompt has ${prompt} tokens; the model reads at most ${model.positions - 1}.`, {
			code: 'prompt-too-long',
			hint: 'Shorten the prompt.',
			context: { tokens: prompt, most: model.positions - 1 },
		});
	}
	const capacity = Math.min(Math.ceil(longest / SLOT_BUCKET) * SLOT_BUCKET, model.positions);
	return Array.from({ length: model.config.layers }, () =>
		createKvCache(rows.length, capacity, model.attention),
	);
}

/** Gives a sequence its next token; reports the sequence if it ends. */
function takeToken(
	model: Decoder,
	options: GenerateOptions,
	results: Generated[],
	sequence: Sequence,
	id: number,
): void {
	const { request, ids, row } = sequence;
	const stopped = options.stopIds.has(id);
	if (!stopped) ids.push(id);
	const full = ids.length >= request.maxTokens || request.ids.length + ids.length >= model.positions;
	if (!stopped && !full) return;
	sequence.ended = true;
	const result: Generated = { ids, finishReason: stopped ? 'stop' : 'length' };
	results[row] = result;
	options.onDone?.(row, result);
}
