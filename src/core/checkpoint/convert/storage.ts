/**
 * How the numbers of a converted model are stored. A compiled library fixes the type of every record: float16
 * records belong to `q0f16`; float32 records, of which matrices are stored as their upper halves, to `q0f32`.
 */
import type { Checkpoint, CheckpointTensor } from '../checkpoint.ts';
import { numbersOf } from '../pieces.ts';

export type Storage = 'f16' | 'bf16';

/** MLC's name of the form, in `mlc-chat-config.json`. */
export const QUANTIZATIONS = { f16: 'q0f16', bf16: 'q0f32' } as const satisfies Record<Storage, string>;

/** The form of one record, as `tensor-cache.json` states it. */
export interface StoredForm {
	dtype: 'float16' | 'float32';
	format: 'raw' | 'f32-to-bf16';
	/** Bytes of a number. */
	bytes: 2 | 4;
}

const HALF: StoredForm = { dtype: 'float16', format: 'raw', bytes: 2 };
const BRAIN: StoredForm = { dtype: 'float32', format: 'f32-to-bf16', bytes: 2 };
const FULL: StoredForm = { dtype: 'float32', format: 'raw', bytes: 4 };

/** Norms and biases are few: beside bf16 matrices they stay exact. */
export function formOf(shape: readonly number[], storage: Storage): StoredForm {
	if (storage === 'f16') return HALF;
	return shape.length > 1 ? BRAIN : FULL;
}

/**
 * The storage that loses least: bf16 if every matrix is exactly bf16, otherwise f16. Reads matrices of type F32
 * until the first number that is no bf16, so only a model that was widened from bf16 is read as a whole.
 */
export async function lossless({ tensors }: Checkpoint, signal?: AbortSignal): Promise<Storage> {
	const matrices = [...tensors.values()].filter(({ shape }) => shape.length > 1);
	if (!matrices.every(({ type }) => type.name === 'BF16' || type.name === 'F32')) return 'f16';
	for (const tensor of matrices) if (!(await isBrainFloat(tensor, signal))) return 'f16';
	return 'bf16';
}

async function isBrainFloat(tensor: CheckpointTensor, signal?: AbortSignal): Promise<boolean> {
	if (tensor.type.name === 'BF16') return true;
	for await (const { data } of numbersOf(tensor, signal)) {
		const words = new Uint32Array(data.buffer, data.byteOffset, data.length);
		for (const word of words) if ((word & 0xffff) !== 0) return false;
	}
	return true;
}
