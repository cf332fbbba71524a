/**
 * Generation with a KV cache: many prompts at once, adapter on or off, one readback of logits a token.
 *
 * Prompts are packed end to end and run once (prefill); then each step adds one row a sequence. Sequences that have ended leave
 * the batch. Rows draw from their own seeds, so an answer does not depend on which others are in the batch but for float noise.
 */
import {
	createKvCache,
	decodeAttention,
	disposeKvCache,
	writeCache,
	type KvCache,
} from '#engine/kernels/decodeAttention/decodeAttention.ts';
import { embedding } from '#engine/kernels/embedding/embedding.ts';
import { linear } from '#engine/kernels/linear/linear.ts';
import { rmsNorm } from '#engine/kernels/rmsNorm/rmsNorm.ts';
import { compileInParallel, readNow } from '#engine/memory.ts';
import { tensor1d, tensor2d, tidy, type Tensor1D, type Tensor2D } from '#engine/tensor.ts';
import { AppError, Cancelled } from '#core/errors.ts';
import { at } from '#core/math/at.ts';
import { rng, type Rng } from '#core/math/rng.ts';
import { runBlock, disposeTrace } from './block.ts';
import { disposeForward, forward, type Decoder } from './decoder.ts';
import type { LoraBinding } from './lora.ts';
import { nextTask } from './nextTask.ts';
import { packPrompts } from './prompts.ts';
import { sampleToken } from './sample.ts';

export interface GenerateRow {
	/** Prompt token ids, at least one. */
	ids: readonly number[];
	maxTokens: number;
	/** 0 is greedy. */
	temperature: number;
	topP: number;
	seed: number;
}

export interface GenerateOptions {
	/** Tokens that end an answer; they are not part of it. */
	stopIds: ReadonlySet<number>;
	signal?: AbortSignal;
	/** Called when a row has ended. */
	onDone?: (row: number, result: Generated) => void;
}

export interface Generated {
	ids: readonly number[];
	finishReason: 'stop' | 'length';
}

/** A sequence under way. */
interface Sequence {
	row: number;
	request: GenerateRow;
	random: Rng;
	ids: number[];
}

/** Rows of a decoding step are padded to a multiple of this. */
const ROW_BUCKET = 4;
/** Cache slots are allocated in multiples of this. */
const SLOT_BUCKET = 32;

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
	try {
		await compileOnce(model, lora, rows, caches);
		let active: Sequence[] = rows.map((request, row) => ({
			row,
			request,
			random: rng(request.seed),
			ids: [],
		}));
		let logits = await logitsOf(() => prefill(model, lora, rows, caches));
		for (;;) {
			active = advance(model, active, logits, options, results);
			if (active.length === 0) return results;
			// On host backends the readback settles in this very task: without this no message, and so no cancel, would arrive.
			await nextTask();
			if (options.signal?.aborted === true) throw new Cancelled();
			const next = active;
			logits = await logitsOf(() => decodeStep(model, lora, next, caches));
		}
	} finally {
		for (const cache of caches) disposeKvCache(cache);
	}
}

/** Models whose generation was compiled, with the adapter off or on. */
const compiled = { base: new WeakSet<Decoder>(), adapted: new WeakSet<Decoder>() };

/** Compiles the kernels of both passes at once, before the first answer would need them one by one. */
async function compileOnce(
	model: Decoder,
	lora: LoraBinding | null,
	rows: readonly GenerateRow[],
	caches: readonly KvCache[],
): Promise<void> {
	const known = lora === null ? compiled.base : compiled.adapted;
	if (known.has(model)) return;
	known.add(model);
	await compileInParallel(() => {
		prefill(model, lora, rows, caches);
		const active = rows.map((request, row) => ({ row, request, random: rng(0), ids: [0] }));
		decodeStep(model, lora, active, caches);
	});
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

/** Takes the next token of every sequence; those that end are reported and left out. */
function advance(
	model: Decoder,
	active: readonly Sequence[],
	logits: Float32Array,
	options: GenerateOptions,
	results: Generated[],
): Sequence[] {
	const V = model.config.vocabSize;
	return active.filter((sequence, i) => {
		const { request, random, ids, row } = sequence;
		const own = logits.subarray(i * V, (i + 1) * V);
		const id = sampleToken(own, request.temperature, request.topP, random);
		const stopped = options.stopIds.has(id);
		if (!stopped) ids.push(id);
		const full = ids.length >= request.maxTokens || request.ids.length + ids.length >= model.positions;
		if (!stopped && !full) return true;
		const result: Generated = { ids, finishReason: stopped ? 'stop' : 'length' };
		results[row] = result;
		options.onDone?.(row, result);
		return false;
	});
}

/** Reads [rows, V] logits that `run` computes; everything else it makes is freed. */
async function logitsOf(run: () => Tensor2D): Promise<Float32Array> {
	const logits = tidy(run);
	const reading = readNow(logits);
	logits.dispose();
	return reading;
}

/** Logits [B, V] after each prompt; fills the caches. */
function prefill(
	model: Decoder,
	lora: LoraBinding | null,
	rows: readonly GenerateRow[],
	caches: readonly KvCache[],
): Tensor2D {
	const packed = packPrompts(rows.map(({ ids }) => ids));
	const ints = (values: Int32Array): Tensor1D => tensor1d(values, 'int32');
	const positions = ints(packed.positions);
	const sequences = ints(packed.sequences);
	const layout = tensor2d(packed.layout, [packed.ids.length, 4], 'int32');
	const pass = forward(model, { ids: ints(packed.ids), positions, layout }, lora, 'none', (layer, rotated) =>
		writeCache(rotated, positions, sequences, at(caches, layer), model.attention),
	);
	const last = embedding({ kind: 'f32', data: pass.hidden, transposed: null }, ints(packed.lastRows));
	disposeForward(pass);
	return linear(last, model.weights.head, {}).y;
}

/** Logits [B, V] after one more token of each sequence. */
function decodeStep(
	model: Decoder,
	lora: LoraBinding | null,
	active: readonly Sequence[],
	caches: readonly KvCache[],
): Tensor2D {
	const { config, weights } = model;
	const column = (fill: number, value: (sequence: Sequence) => number): Tensor1D => {
		const values = new Int32Array(Math.ceil(active.length / ROW_BUCKET) * ROW_BUCKET).fill(fill);
		values.set(active.map(value));
		return tensor1d(values, 'int32');
	};
	const ids = column(0, (sequence) => at(sequence.ids, sequence.ids.length - 1));
	const positions = column(0, ({ request, ids: own }) => request.ids.length + own.length - 1);
	const sequences = column(-1, ({ row }) => row);
	let x = embedding(weights.embedding, ids);
	for (let layer = 0; layer < config.layers; layer++) {
		const w = at(weights.blocks, layer);
		const block = runBlock(config, w, lora?.block(layer) ?? {}, x, (qkv) => ({
			o: decodeAttention(qkv, positions, sequences, at(caches, layer), model.attention),
		}));
		disposeTrace(block.trace);
		block.attended.o.dispose();
		x.dispose();
		x = block.y;
	}
	return linear(rmsNorm(x, weights.norm, config.rmsNormEps), weights.head, {}).y;
}
