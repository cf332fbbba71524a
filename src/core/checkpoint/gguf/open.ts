/** Opens a GGUF file as a checkpoint in Hugging Face's terms: names, order of rows, configuration, tokenizer. */
import { configFromHf } from '../../model/config.ts';
import type { ByteSource } from '../bytes.ts';
import type { Checkpoint, CheckpointTensor } from '../checkpoint.ts';
import { numbersOf } from '../pieces.ts';
import { architectureOf, configOfGguf, type GgufArchitecture } from './config.ts';
import { ggufInvalid } from './fault.ts';
import { readGgufHeader } from './header.ts';
import { Metadata } from './metadata.ts';
import type { GgufTensor } from './tensorInfos.ts';
import { huggingFaceName } from './tensorNames.ts';
import { tokenizerOfGguf } from './tokenizer.ts';

const ROPE_FACTORS = 'rope_freqs.weight';
const MOST_ROPE_FACTORS = 4096;

/**
 * Reads the header; the numbers are read later.
 *
 * @throws FormatError naming the field or tensor: `gguf-…` of the parts, `model-unsupported`,
 *   `model-config-invalid`; the source's errors; Cancelled
 */
export async function openGguf(source: ByteSource, signal?: AbortSignal): Promise<Checkpoint> {
	const header = await readGgufHeader(source, signal);
	const metadata = new Metadata(header.metadata, source.name);
	const architecture = architectureOf(metadata);
	const named = withHuggingFaceNames(header.tensors, source.name);
	const hfConfig = configOfGguf(metadata, architecture, {
		vocabSize: rowsOfEmbedding(named, source.name),
		tied: !named.has('lm_head.weight'),
		hasBiases: named.has('model.layers.0.self_attn.q_proj.bias'),
		ropeFactors: await ropeFactors(header.tensors, source, signal),
	});
	const config = configFromHf(hfConfig, source.name);
	const tensors = new Map<string, CheckpointTensor>();
	for (const [name, { shape, type, start, ...tensor }] of named) {
		if (tensor.name === ROPE_FACTORS) continue;
		const interleaved = isInterleaved(architecture, name) ? { interleavedHead: config.headDim } : {};
		tensors.set(name, { name, shape, type, source, start, ...interleaved });
	}
	return { hfConfig, config, tensors, ...tokenizerOfGguf(metadata, config.maxPositions) };
}

/** A tensor that the family does not have keeps its name, by which the conversion refuses it. */
function withHuggingFaceNames(tensors: readonly GgufTensor[], source: string): Map<string, GgufTensor> {
	const named = new Map(tensors.map((tensor) => [huggingFaceName(tensor.name) ?? tensor.name, tensor]));
	if (named.size === tensors.length) return named;
	throw ggufInvalid(source, 'holds two tensors that have one name in Hugging Face’s form.');
}

/** llama.cpp reorders q and k of `llama` only: other architectures rotate as Hugging Face does. */
function isInterleaved(architecture: GgufArchitecture, name: string): boolean {
	return architecture === 'llama' && ['.q_proj.', '.k_proj.'].some((part) => name.includes(part));
}

function rowsOfEmbedding(tensors: ReadonlyMap<string, GgufTensor>, source: string): number {
	const [rows, columns] = tensors.get('model.embed_tokens.weight')?.shape ?? [];
	if (rows !== undefined && columns !== undefined) return rows;
	throw ggufInvalid(source, 'holds no embedding (token_embd.weight), so it is no whole model.');
}

/** The numbers of `rope_freqs.weight`; null if the file has no such tensor. */
async function ropeFactors(
	tensors: readonly GgufTensor[],
	source: ByteSource,
	signal?: AbortSignal,
): Promise<Float32Array | null> {
	const tensor = tensors.find(({ name }) => name === ROPE_FACTORS);
	if (tensor === undefined) return null;
	const [size = 0, ...others] = tensor.shape;
	if (others.length > 0 || size > MOST_ROPE_FACTORS) {
		throw ggufInvalid(source.name, `"${ROPE_FACTORS}" has the shape [${tensor.shape.join(', ')}].`);
	}
	const factors = new Float32Array(size);
	for await (const { at, data } of numbersOf({ ...tensor, source }, signal)) factors.set(data, at);
	return factors;
}
