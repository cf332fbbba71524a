/**
 * MLC's quantised matrices: `q_weight` holds the integers and `q_scale` one scale for 32 columns. Both become one
 * tensor under the name of the matrix, in blocks that the device reads (core/format/numberFormat.ts).
 */
import { FormatError } from '#core/errors.ts';
import { blocksOfMlc } from '#core/format/blocks.ts';
import { asFloats, BLOCK_SIZE, formatOf } from '#core/format/numberFormat.ts';
import type { WeightTensor } from './tensors.ts';

/**
 * Forms with four bits, 32 columns to a scale, and matrices stored as [outputs, inputs]. The part after `q4` is
 * the type of the scales and of the other tensors; `_2` leaves embedding and head as they are.
 */
const READABLE: readonly unknown[] = ['q4f16_1', 'q4f32_1', 'q4f16_2', 'q4f32_2'];

const INTEGERS = '.q_weight';
const SCALES = '.q_scale';

/**
 * Joins the records of each quantised matrix; the other tensors stay.
 *
 * @param tensors emptied, so that the memory of a matrix is freed after its turn
 * @param chatConfig the parsed `mlc-chat-config.json`, which names the form
 * @throws FormatError `tensor-unsupported` for another form, `weight-missing` without the scales, `weight-shape`
 *   if integers and scales do not belong together
 */
export function joinQuantised(
	tensors: Map<string, WeightTensor>,
	chatConfig: unknown,
): Map<string, WeightTensor> {
	const joined = new Map<string, WeightTensor>();
	for (const [name, tensor] of tensors) {
		if (name.endsWith(SCALES)) continue;
		const isQuantised = name.endsWith(INTEGERS);
		expectReadable(chatConfig, name);
		const plain = name.slice(0, -INTEGERS.length);
		if (isQuantised) joined.set(`${plain}.weight`, matrixOf(tensor, tensors.get(plain + SCALES), name));
		else joined.set(name, tensor);
		tensors.delete(name);
		if (isQuantised) tensors.delete(plain + SCALES);
	}
	return joined;
}

/** @throws FormatError `tensor-unsupported` for a quantised record of a form that cannot be read */
export function expectReadable(chatConfig: unknown, name: string): void {
	if (!name.endsWith(INTEGERS)) return;
	const form = (chatConfig as { quantization?: unknown } | null)?.quantization;
	if (READABLE.includes(form)) return;
	throw new FormatError(`${name} is quantised in the form ${JSON.stringify(form)}, which cannot be read.`, {
		code: 'tensor-unsupported',
		hint: 'Take a build of this model in q4f16_1, q4f32_1, q0f16 or q0f32.',
		context: { name },
	});
}

function matrixOf(integers: WeightTensor, scales: WeightTensor | undefined, name: string): WeightTensor {
	if (scales === undefined) {
		throw new FormatError(`The files hold ${name} without its scales.`, {
			code: 'weight-missing',
			hint: 'The model’s files are incomplete; copy the whole folder again.',
			context: { name },
		});
	}
	const [rows, words] = integers.shape;
	const [scaleRows, groups] = scales.shape;
	const fits = rows === scaleRows && groups !== undefined && words === (groups * BLOCK_SIZE) / 8;
	if (!fits || rows === undefined || !(integers.data instanceof Uint32Array)) {
		throw new FormatError(
			`${name} [${integers.shape.join(', ')}] and its scales [${scales.shape.join(', ')}] do not belong together.`,
			{
				code: 'weight-shape',
				hint: 'Each row should have one scale for four words; copy the whole folder again.',
				context: { name },
			},
		);
	}
	const { data } = scales;
	const values = formatOf(scales) === 'f16' && data instanceof Uint16Array ? data : asFloats(scales);
	return { shape: [rows, groups * BLOCK_SIZE], data: blocksOfMlc(integers.data, values), format: 'q4' };
}
