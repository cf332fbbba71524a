/**
 * MLC's quantised matrices: `q_weight` holds the integers and `q_scale` one scale for 32 columns. Both become one
 * tensor under the name of the matrix, in blocks that the device reads (core/format/numberFormat.ts).
 */
import { FormatError } from '#core/errors.ts';
import { blocksOfMlc } from '#core/format/blocks.ts';
import { freeNow } from '#core/format/freeNow.ts';
import { asFloats, BLOCK_SIZE, formatOf } from '#core/format/numberFormat.ts';
import type { WeightTensor } from './tensors.ts';

/**
 * Forms with four bits, 32 columns to a scale, and matrices stored as [outputs, inputs]. The part after `q4` is
 * the type of the scales and of the other tensors; `_2` leaves embedding and head as they are.
 */
const READABLE: readonly unknown[] = ['q4f16_1', 'q4f32_1', 'q4f16_2', 'q4f32_2'];

const INTEGERS = '.q_weight';
const SCALES = '.q_scale';

export interface NamedWeight {
	name: string;
	tensor: WeightTensor;
}

/** Joins the records of each quantised matrix, which may come in any order; hands out the other tensors as they are. */
export class QuantisedJoin {
	readonly #chatConfig: unknown;
	/** Records that wait for the other one of their matrix, by its name. */
	readonly #integers = new Map<string, WeightTensor>();
	readonly #scales = new Map<string, WeightTensor>();

	/** @param chatConfig the parsed `mlc-chat-config.json`, which names the form */
	constructor(chatConfig: unknown) {
		this.#chatConfig = chatConfig;
	}

	/**
	 * Takes over the numbers of a record.
	 *
	 * @returns the weight that is whole now; null if a matrix still waits for its other record
	 * @throws FormatError `tensor-unsupported` for another form, `weight-shape` if integers and scales do not belong together
	 */
	add(name: string, tensor: WeightTensor): NamedWeight | null {
		if (name.endsWith(INTEGERS)) {
			expectReadable(this.#chatConfig, name);
			this.#integers.set(name.slice(0, -INTEGERS.length), tensor);
			return this.#joinIfWhole(name.slice(0, -INTEGERS.length));
		}
		if (name.endsWith(SCALES)) {
			this.#scales.set(name.slice(0, -SCALES.length), tensor);
			return this.#joinIfWhole(name.slice(0, -SCALES.length));
		}
		return { name, tensor };
	}

	/** @throws FormatError `weight-missing` if a matrix has no scales */
	expectWhole(): void {
		const [plain] = this.#integers.keys();
		if (plain === undefined) return;
		throw new FormatError(`The files hold ${plain}${INTEGERS} without its scales.`, {
			code: 'weight-missing',
			hint: 'The model’s files are incomplete; copy the whole folder again.',
			context: { name: plain + INTEGERS },
		});
	}

	#joinIfWhole(plain: string): NamedWeight | null {
		const [integers, scales] = [this.#integers.get(plain), this.#scales.get(plain)];
		if (integers === undefined || scales === undefined) return null;
		this.#integers.delete(plain);
		this.#scales.delete(plain);
		const tensor = matrixOf(integers, scales, plain + INTEGERS);
		freeNow(integers.data);
		freeNow(scales.data);
		return { name: `${plain}.weight`, tensor };
	}
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

function matrixOf(integers: WeightTensor, scales: WeightTensor, name: string): WeightTensor {
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
