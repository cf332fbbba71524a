/** Bytes of a model's files by precision, from its configuration; the tokenizer's few megabytes are not counted. */
import { parametersOf, vectorParameters } from '../parameters.ts';
import type { Precision, PublishedModel } from './publishedModel.ts';

/** Bytes of a number in a matrix, the scale of its block included. */
const MATRIX_BYTES: Readonly<Record<Precision, number>> = {
	bf16: 2,
	q0f16: 2,
	q4f16_1: 0.5 + 2 / 32,
	Q8_0: 34 / 32,
};
/** Norms and biases: GGUF files keep them in f32. */
const VECTOR_BYTES: Readonly<Record<Precision, number>> = { bf16: 2, q0f16: 2, q4f16_1: 2, Q8_0: 4 };

export function downloadBytes(
	model: Pick<PublishedModel, 'config' | 'storesTiedHead'>,
	precision: Precision,
): number {
	const { config, storesTiedHead } = model;
	const vectors = vectorParameters(config);
	const head = precision === 'bf16' && storesTiedHead ? config.vocabSize * config.hiddenSize : 0;
	const matrices = parametersOf(config) - vectors + head;
	return matrices * MATRIX_BYTES[precision] + vectors * VECTOR_BYTES[precision];
}
