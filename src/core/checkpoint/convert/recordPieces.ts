/** Reads the tensors of one record and converts their numbers, piece by piece. */
import { AppError, FormatError } from '../../errors.ts';
import { roundToBrainFloat, roundToHalf } from '../../format/float16.ts';
import { freeNow } from '../../format/freeNow.ts';
import { firstNotFinite } from '../../math/finite.ts';
import type { CheckpointTensor } from '../checkpoint.ts';
import { BRAIN_FLOAT_VALUES, HALF_VALUES } from '../numbers/half.ts';
import { halvesOf, numbersOf } from '../pieces.ts';
import type { Rounding } from './rounding.ts';
import type { PlannedRecord } from './shards.ts';
import type { StoredForm } from './storage.ts';

/**
 * The bytes of a record, in pieces that are valid until the next one.
 *
 * @param rounding records the largest error
 * @throws FormatError `weight-not-finite` or `half-overflow` naming the tensor; the source's errors; Cancelled
 */
export async function* recordPieces(
	{ form, tensors }: PlannedRecord,
	rounding: Rounding,
	signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	for (const tensor of tensors) {
		const pieces =
			form.bytes === 4 ? finiteNumbersOf(tensor, signal) : halves(tensor, form, rounding, signal);
		for await (const { data } of pieces) yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
	}
}

/** Copies the bits if the file has the same type; otherwise rounds. */
async function* halves(
	tensor: CheckpointTensor,
	form: StoredForm,
	rounding: Rounding,
	signal?: AbortSignal,
): ReturnType<typeof halvesOf> {
	const isHalf = form.dtype === 'float16';
	if (tensor.type.name === (isHalf ? 'F16' : 'BF16')) {
		const exponent = isHalf ? 0x7c00 : 0x7f80;
		for await (const piece of halvesOf(tensor, signal)) {
			for (const bits of piece.data) if ((bits & exponent) === exponent) throw notFinite(tensor);
			yield piece;
		}
		return;
	}
	for await (const { at, data } of finiteNumbersOf(tensor, signal)) {
		const rounded = isHalf ? toHalf(data, tensor) : roundToBrainFloat(data);
		rounding.compare(tensor.name, data, rounded, isHalf ? HALF_VALUES : BRAIN_FLOAT_VALUES);
		yield { at, data: rounded };
		freeNow(rounded);
	}
}

async function* finiteNumbersOf(
	tensor: CheckpointTensor,
	signal?: AbortSignal,
): ReturnType<typeof numbersOf> {
	for await (const piece of numbersOf(tensor, signal)) {
		if (firstNotFinite(piece.data) !== -1) throw notFinite(tensor);
		yield piece;
	}
}

function toHalf(data: Float32Array, { name, source }: CheckpointTensor): Uint16Array<ArrayBuffer> {
	try {
		return roundToHalf(data);
	} catch (cause) {
		if (!(cause instanceof AppError)) throw cause;
		throw new FormatError(`${source.name}: “${name}” has a number beyond ±65504, which f16 cannot hold.`, {
			code: cause.code,
			hint: 'Convert the model with bf16 weights instead.',
			context: { name, source: source.name },
			cause,
		});
	}
}

function notFinite({ name, source }: CheckpointTensor): FormatError {
	return new FormatError(`${source.name}: “${name}” holds a number that is infinite or no number.`, {
		code: 'weight-not-finite',
		hint: 'The file is damaged, or the training that made it diverged; take another copy or another model.',
		context: { name, source: source.name },
	});
}
