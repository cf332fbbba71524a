/** The list of tensors in a GGUF header, with the bytes of each within the file. */
import { FormatError } from '../../errors.ts';
import { bytesOf, type NumberType } from '../numbers/numberType.ts';
import type { Cursor } from './cursor.ts';
import { ggufInvalid, ggufTruncated } from './fault.ts';
import type { GgufValue } from './metadataValues.ts';
import { GGUF_TYPES, typeName } from './types.ts';

export interface GgufTensor {
	/** llama.cpp's: `blk.0.attn_q.weight`. */
	name: string;
	/** Row-major, like everywhere else: [out, in]. The file lists the axes in reverse. */
	shape: readonly number[];
	type: NumberType;
	/** First byte in the file. */
	start: number;
	/** The byte after the last. */
	end: number;
}

export interface TensorList {
	count: number;
	metadata: ReadonlyMap<string, GgufValue>;
	fileSize: number;
	source: string;
}

const LONGEST_NAME = 512;
const MOST_AXES = 4;
const LONGEST_AXIS = 2 ** 31;
const DEFAULT_ALIGNMENT = 32;
const MOST_ALIGNMENT = 2 ** 20;

/**
 * @throws FormatError naming the tensor: `gguf-type-unsupported`, `gguf-truncated` if its bytes are beyond the
 *   file's end, `gguf-invalid` if two tensors share a name or bytes
 */
export function readTensorInfos(cursor: Cursor, list: TensorList): GgufTensor[] {
	const { count, source } = list;
	const alignment = alignmentOf(list);
	const tensors: GgufTensor[] = [];
	for (let i = 0; i < count; i++) tensors.push(readTensorInfo(cursor, alignment, source));
	const dataStart = Math.ceil(cursor.at / alignment) * alignment;
	const placed = tensors.map((tensor) => ({
		...tensor,
		start: dataStart + tensor.start,
		end: dataStart + tensor.end,
	}));
	expectApart(placed, list);
	return placed;
}

/** The tensor with its position relative to the first tensor's. */
function readTensorInfo(cursor: Cursor, alignment: number, source: string): GgufTensor {
	const name = cursor.shortText(LONGEST_NAME, 'a tensor’s name');
	const axes = cursor.u32();
	if (axes > MOST_AXES)
		throw ggufInvalid(source, `gives "${name}" ${axes} axes; at most ${MOST_AXES} exist.`);
	const shape = Array.from({ length: axes }, () => cursor.u64()).reverse();
	const id = cursor.u32();
	const start = cursor.u64();
	const type = GGUF_TYPES.get(id);
	if (type === undefined) throw unsupportedType(name, id, source);
	const size = shape.reduce((product, length) => product * length, 1);
	const columns = shape.at(-1) ?? 1;
	if (shape.some((length) => length > LONGEST_AXIS) || !Number.isSafeInteger(size * type.blockBytes)) {
		throw ggufInvalid(source, `gives "${name}" the shape [${shape.join(', ')}].`);
	}
	if (columns % type.blockSize !== 0) {
		throw ggufInvalid(
			source,
			`"${name}" has rows of ${columns} numbers, no multiple of ${type.name}’s blocks.`,
		);
	}
	if (start % alignment !== 0 || !Number.isSafeInteger(start)) {
		throw ggufInvalid(
			source,
			`"${name}" starts at byte ${start}, no multiple of the alignment ${alignment}.`,
		);
	}
	return { name, shape, type, start, end: start + bytesOf(type, size) };
}

function alignmentOf({ metadata, source }: TensorList): number {
	const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
	const isPossible = typeof alignment === 'number' && alignment >= 1 && alignment <= MOST_ALIGNMENT;
	if (isPossible && Number.isInteger(alignment)) return alignment;
	throw ggufInvalid(source, `has the alignment ${JSON.stringify(alignment).slice(0, 40)}.`);
}

/** Tensors share no name and no byte, and end within the file. */
function expectApart(tensors: readonly GgufTensor[], { fileSize, source }: TensorList): void {
	const names = new Set<string>();
	let at = 0;
	for (const { name, start, end } of tensors.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
		if (names.has(name)) throw ggufInvalid(source, `has two tensors named "${name}".`);
		names.add(name);
		if (start < at) throw ggufInvalid(source, `"${name}" starts at byte ${start}, inside another tensor.`);
		if (end > fileSize) {
			throw ggufTruncated(source, `"${name}" ends at byte ${end}; the file has only ${fileSize}.`);
		}
		at = end;
	}
}

function unsupportedType(name: string, id: number, source: string): FormatError {
	const known = [...GGUF_TYPES.values()].map((type) => type.name).join(', ');
	return new FormatError(`${source}: "${name}" is stored as ${typeName(id)}, which cannot be read here.`, {
		code: 'gguf-type-unsupported',
		hint: `Take a file of this model in Q8_0, F16 or Q4_K_M. Readable types: ${known}.`,
		context: { source, name, type: typeName(id) },
	});
}
