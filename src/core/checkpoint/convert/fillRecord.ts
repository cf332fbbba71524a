/** Reads the tensors of one record, converts their numbers and writes them into its bytes of a shard. */
import { AppError, FormatError } from '../../errors.ts';
import { roundToBrainFloat, roundToHalf } from '../../format/float16.ts';
import { firstNotFinite } from '../../math/finite.ts';
import type { CheckpointTensor } from '../checkpoint.ts';
import { BRAIN_FLOAT_VALUES, HALF_VALUES } from '../numbers/half.ts';
import { halvesOf, numbersOf } from '../pieces.ts';
import type { Rounding } from './rounding.ts';
import type { PlannedRecord } from './shards.ts';
import type { StoredForm } from './storage.ts';

/**
 * @param shard    the bytes of the whole shard
 * @param rounding records the largest error
 * @throws FormatError `weight-not-finite` or `half-overflow` naming the tensor; the source's errors; Cancelled
 */
export async function fillRecord(
	shard: Uint8Array<ArrayBuffer>,
	{ form, tensors, byteOffset, nbytes }: PlannedRecord,
	rounding: Rounding,
	signal?: AbortSignal,
): Promise<void> {
	const size = nbytes / form.bytes;
	let start = 0;
	for (const tensor of tensors) {
		if (form.bytes === 4) {
			const out = new Float32Array(shard.buffer, byteOffset, size);
			for await (const { at, data } of finiteNumbersOf(tensor, signal)) out.set(data, start + at);
		} else {
			const out = new Uint16Array(shard.buffer, byteOffset, size);
			await fillHalves(out.subarray(start), tensor, form, rounding, signal);
		}
		start += tensor.shape.reduce((product, length) => product * length, 1);
	}
}

/** Copies the bits if the file has the same type; otherwise rounds. */
async function fillHalves(
	out: Uint16Array<ArrayBuffer>,
	tensor: CheckpointTensor,
	form: StoredForm,
	rounding: Rounding,
	signal?: AbortSignal,
): Promise<void> {
	const isHalf = form.dtype === 'float16';
	if (tensor.type.name === (isHalf ? 'F16' : 'BF16')) {
		const exponent = isHalf ? 0x7c00 : 0x7f80;
		for await (const { at, data } of halvesOf(tensor, signal)) {
			for (const bits of data) if ((bits & exponent) === exponent) throw notFinite(tensor);
			out.set(data, at);
		}
		return;
	}
	for await (const { at, data } of finiteNumbersOf(tensor, signal)) {
		const halves = isHalf ? toHalf(data, tensor) : roundToBrainFloat(data);
		rounding.compare(tensor.name, data, halves, isHalf ? HALF_VALUES : BRAIN_FLOAT_VALUES);
		out.set(halves, at);
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
