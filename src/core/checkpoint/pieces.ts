/** Reads a tensor in pieces, so that the largest embedding takes little memory beside its shard. */
import { freeNow } from '../format/freeNow.ts';
import { readRange } from './bytes.ts';
import type { CheckpointTensor } from './checkpoint.ts';
import { withoutInterleaving } from './interleave.ts';
import { halfWords } from './numbers/plain.ts';
import { bytesOf } from './numbers/numberType.ts';

/** Numbers of one piece: 2 MB as f32. */
const PIECE = 2 ** 19;

/** Valid until the next piece. */
interface Piece<T> {
	/** Position of the first number in the tensor, row-major. */
	at: number;
	data: T;
}

interface Range {
	at: number;
	size: number;
	columns: number;
}

/** The tensor's numbers as f32, in Hugging Face's order. */
export async function* numbersOf(
	tensor: CheckpointTensor,
	signal?: AbortSignal,
): AsyncGenerator<Piece<Float32Array<ArrayBuffer>>> {
	for (const range of rangesOf(tensor)) {
		const bytes = await readPiece(tensor, range, signal);
		const data = new Float32Array(range.size);
		tensor.type.decode(bytes, data);
		freeNow(bytes);
		yield* inOrder(tensor, data, range);
	}
}

/** The bits of a tensor that is stored as F16 or BF16, in Hugging Face's order. */
export async function* halvesOf(
	tensor: CheckpointTensor,
	signal?: AbortSignal,
): AsyncGenerator<Piece<Uint16Array<ArrayBuffer>>> {
	for (const range of rangesOf(tensor)) {
		yield* inOrder(tensor, halfWords(await readPiece(tensor, range, signal)), range);
	}
}

/** Whole blocks of whole rows, or of whole heads if their rows are interleaved. */
function rangesOf({ shape, type, interleavedHead }: CheckpointTensor): Range[] {
	const size = shape.reduce((product, length) => product * length, 1);
	const columns = shape.length > 1 ? (shape.at(-1) ?? 1) : 1;
	const rows = Math.max(1, columns * (interleavedHead ?? 1));
	const unit = rows % type.blockSize === 0 ? rows : rows * type.blockSize;
	const step = Math.max(1, Math.floor(PIECE / unit)) * unit;
	const count = Math.ceil(size / step);
	return Array.from({ length: count }, (_, i) => ({
		at: i * step,
		size: Math.min(step, size - i * step),
		columns,
	}));
}

function readPiece(
	{ source, start, type }: CheckpointTensor,
	{ at, size }: Range,
	signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
	const from = start + bytesOf(type, at);
	return readRange(source, from, from + bytesOf(type, size), signal);
}

function* inOrder<T extends Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>(
	{ interleavedHead }: CheckpointTensor,
	data: T,
	{ at, columns }: Range,
): Generator<Piece<T>> {
	if (interleavedHead === undefined) yield { at, data };
	else {
		const ordered = withoutInterleaving(data, interleavedHead, columns);
		yield { at, data: ordered };
		freeNow(ordered);
	}
	freeNow(data);
}
