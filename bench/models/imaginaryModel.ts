/** Models whose weights have shapes but no values: enough to plan a run that would not fit this machine. */
import { engine, type KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';
import { wordsOf, type NumberFormat } from '#core/format/numberFormat.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { Tensor1D, Tensor2D } from '#engine/tensor.ts';
import type { Weight } from '#engine/weight.ts';
import type { Decoder } from '#model/decoder.ts';
import type { BlockWeights } from '#model/weights.ts';

type MakesInfo = KernelBackend & { makeTensorInfo(shape: number[], dtype: 'float32'): TensorInfo };

/**
 * Only for rehearsals: a real dispatch would read zeros.
 *
 * @param format of the matrices; vectors are f32
 */
export function imaginaryDecoder(
	config: ModelConfig,
	positions = 4096,
	format: NumberFormat = 'f32',
): Decoder {
	const { hiddenSize: C, intermediateSize: F, heads, kvHeads, headDim, vocabSize: V, layers } = config;
	const W = (heads + 2 * kvHeads) * headDim;
	let bytes = 0;
	const tensor = (shape: number[]) => {
		bytes += 4 * shape.reduce((product, size) => product * size, 1);
		return engine().makeTensorFromTensorInfo(
			(engine().backend as MakesInfo).makeTensorInfo(shape, 'float32'),
		);
	};
	const vector = (size: number): Tensor1D => tensor([size]) as Tensor1D;
	const table = (rows: number, columns: number): Tensor2D => tensor([rows, columns]) as Tensor2D;
	// Like storedWeight (engine/weight.ts), which fills up the last four rows.
	const matrix = (rows: number, columns: number): Weight => ({
		kind: format,
		data: table(Math.ceil(rows / 4) * 4, wordsOf(format, columns)),
		rows,
		transposed: null,
	});
	const block = (): BlockWeights => ({
		inputNorm: vector(C),
		qkv: matrix(W, C),
		qkvBias: config.attentionBias ? vector(W) : undefined,
		headNorms: config.qkNorm ? { q: vector(headDim), k: vector(headDim), eps: config.rmsNormEps } : undefined,
		o: matrix(C, heads * headDim),
		postNorm: vector(C),
		gateUp: matrix(2 * F, C),
		down: matrix(C, F),
	});
	const embedding = matrix(V, C);
	const head = config.tieWordEmbeddings ? embedding : matrix(V, C);
	const blocks = Array.from({ length: layers }, block);
	const norm = vector(C);
	const dispose = (): void => undefined;
	const weights = { embedding, blocks, norm, head, bytes, dispose };
	const rope = table(positions, headDim);
	return {
		config,
		padded: config,
		weights,
		attention: { heads, kvHeads, headSize: headDim, scale: 1 / Math.sqrt(headDim), rope },
		positions,
		bytes,
		dispose,
	};
}
