/** Opens a GGUF file as a checkpoint in Hugging Face's terms: names, order of rows, configuration, tokenizer. */
import { configFromHf } from '../../model/config.ts';
import type { ByteSource } from '../bytes.ts';
import type { Checkpoint, CheckpointTensor } from '../checkpoint.ts';
import { numbersOf } from '../pieces.ts';
import { architectureOf, configOfGguf, type GgufArchitecture } from './config.ts';
import { ggufInvalid } from './fault.ts';
import { licenseOf } from './license.ts';
import { readGgufParts, type PlacedTensor } from './parts.ts';
import { huggingFaceName } from './tensorNames.ts';
import { tokenizerOfGguf } from './tokenizer.ts';

const ROPE_FACTORS = 'rope_freqs.weight';
const MOST_ROPE_FACTORS = 4096;

/**
 * Reads the headers; the numbers are read later.
 *
 * @param sources the file, or all parts of a split model in order
 * @throws FormatError naming the field or tensor: `gguf-…` of the parts, `model-unsupported`,
 *   `model-config-invalid`; the source's errors; Cancelled
 */
export async function openGguf(sources: readonly ByteSource[], signal?: AbortSignal): Promise<Checkpoint> {
	const { metadata, tensors: all } = await readGgufParts(sources, signal);
	const { source: file } = metadata;
	const architecture = architectureOf(metadata);
	const named = withHuggingFaceNames(all, file);
	const hfConfig = configOfGguf(metadata, architecture, {
		vocabSize: rowsOfEmbedding(named, file),
		tied: !named.has('lm_head.weight'),
		hasBiases: named.has('model.layers.0.self_attn.q_proj.bias'),
		ropeFactors: await ropeFactors(all, signal),
	});
	const config = configFromHf(hfConfig, file);
	const tensors = new Map<string, CheckpointTensor>();
	for (const [name, { shape, type, start, source, ...tensor }] of named) {
		if (tensor.name === ROPE_FACTORS) continue;
		const interleaved = isInterleaved(architecture, name) ? { interleavedHead: config.headDim } : {};
		tensors.set(name, { name, shape, type, source, start, ...interleaved });
	}
	const license = licenseOf(metadata);
	return { hfConfig, config, tensors, license, ...tokenizerOfGguf(metadata, config.maxPositions) };
}

/** A tensor that the family does not have keeps its name, by which the conversion refuses it. */
function withHuggingFaceNames(tensors: readonly PlacedTensor[], source: string): Map<string, PlacedTensor> {
	const named = new Map(tensors.map((tensor) => [huggingFaceName(tensor.name) ?? tensor.name, tensor]));
	if (named.size === tensors.length) return named;
	throw ggufInvalid(source, 'holds two tensors that have one name in Hugging Face’s form.');
}

/** llama.cpp reorders q and k of `llama` only: other architectures rotate as Hugging Face does. */
function isInterleaved(architecture: GgufArchitecture, name: string): boolean {
	return architecture === 'llama' && ['.q_proj.', '.k_proj.'].some((part) => name.includes(part));
}

function rowsOfEmbedding(tensors: ReadonlyMap<string, PlacedTensor>, source: string): number {
	const [rows, columns] = tensors.get('model.embed_tokens.weight')?.shape ?? [];
	if (rows !== undefined && columns !== undefined) return rows;
	throw ggufInvalid(source, 'holds no embedding (token_embd.weight), so it is no whole model.');
}

/** The numbers of `rope_freqs.weight`; null if the file has no such tensor. */
async function ropeFactors(
	tensors: readonly PlacedTensor[],
	signal?: AbortSignal,
): Promise<Float32Array | null> {
	const tensor = tensors.find(({ name }) => name === ROPE_FACTORS);
	if (tensor === undefined) return null;
	const [size = 0, ...others] = tensor.shape;
	if (others.length > 0 || size > MOST_ROPE_FACTORS) {
		throw ggufInvalid(tensor.source.name, `"${ROPE_FACTORS}" has the shape [${tensor.shape.join(', ')}].`);
	}
	const factors = new Float32Array(size);
	for await (const { at, data } of numbersOf(tensor, signal)) factors.set(data, at);
	return factors;
}
