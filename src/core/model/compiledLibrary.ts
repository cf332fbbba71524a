/**
 * WebLLM's compiled libraries beside the page. A library serves every model of one architecture and one set of sizes, in one form of
 * weights. `python/webllm` compiles them and writes their list.
 */
import * as v from 'valibot';
import { isRecord } from '../format/record.ts';

/** Forms of a model folder's weights that libraries read: MLC's names for 4-bit forms, else the type of the matrices. */
export const LIBRARY_WEIGHTS = ['f16', 'bf16', 'q4f16_1', 'q4f32_1'] as const;
export type LibraryWeights = (typeof LIBRARY_WEIGHTS)[number];

/** Larger counts are damage. */
const MOST = 1e7;
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

const ropeScaling = v.object({
	factor: positive,
	lowFreqFactor: positive,
	highFreqFactor: positive,
	originalMaxPositions: count,
});

/** All that a library's program fixes. */
const configSchema = v.object({
	architecture: v.picklist(['llama', 'qwen2', 'qwen3']),
	hiddenSize: count,
	intermediateSize: count,
	layers: count,
	heads: count,
	kvHeads: count,
	headDim: count,
	vocabSize: count,
	rmsNormEps: positive,
	ropeTheta: positive,
	ropeScaling: v.nullable(ropeScaling),
	tieWordEmbeddings: v.boolean(),
	attentionBias: v.boolean(),
	qkNorm: v.boolean(),
});

/** Name of a file in the list's folder: no path, no address. */
const fileName = v.pipe(v.string(), v.maxLength(200), v.regex(/^\w[\w.-]*$/));

const librarySchema = v.object({
	id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
	config: configSchema,
	weights: v.picklist(LIBRARY_WEIGHTS),
	/** Largest LoRA rank; `any` if the shapes of the LoRA records decide. */
	loraRank: v.union([v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4096)), v.literal('any')]),
	/** Most tokens of a chat. */
	contextWindow: count,
	/** Tokens that the model reads at once. */
	prefillChunk: count,
	/** Gzip, beside the list. */
	file: fileName,
	/** Of the WebAssembly file. */
	bytes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 27)),
	compressedBytes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 27)),
	/** Of the WebAssembly file, in lower case. */
	sha256: v.pipe(v.string(), v.hexadecimal(), v.length(64), v.toLowerCase()),
});
export type CompiledLibrary = v.InferOutput<typeof librarySchema>;

/** A library with the absolute address of its compressed file. */
export interface PlacedLibrary extends CompiledLibrary {
	address: string;
}

/** The readable entries of a parsed list; an entry that cannot be read is left out. Empty for other JSON. */
export function readLibraries(json: unknown): readonly CompiledLibrary[] {
	if (!isRecord(json) || json['schema'] !== 1 || !Array.isArray(json['libraries'])) return [];
	return json['libraries'].flatMap((entry: unknown) => {
		const read = v.safeParse(librarySchema, entry);
		return read.success ? [read.output] : [];
	});
}
