/** The tensors of one or several safetensors files, by name; their numbers are read later. */
import { FormatError } from '../../errors.ts';
import {
	dataStartOf,
	LENGTH_BYTES,
	readSafetensorsHeader,
	type DtypeSizes,
} from '../../format/safetensorsHeader.ts';
import { readRange, type ByteSource } from '../bytes.ts';
import type { CheckpointTensor } from '../checkpoint.ts';
import { BF16, F16, F32 } from '../numbers/plain.ts';
import { expectWeightMap, readWeightMap } from './weightMap.ts';

const TYPES = { F32, F16, BF16 };
const SIZES = { F32: 4, F16: 2, BF16: 2 } as const satisfies DtypeSizes;

/** Enough of a file's start to name a foreign one. */
const START_BYTES = 32;

/**
 * @param index parsed `model.safetensors.index.json`; undefined if the model has none
 * @throws FormatError `safetensors-…` naming file and tensor, `checkpoint-index`, `checkpoint-tensor-twice`; the
 *   sources' errors; Cancelled
 */
export async function safetensorsTensors(
	sources: readonly ByteSource[],
	index: unknown,
	signal?: AbortSignal,
): Promise<Map<string, CheckpointTensor>> {
	const all = new Map<string, CheckpointTensor>();
	const held = new Map<string, Set<string>>();
	for (const source of sources) {
		const tensors = await tensorsOf(source, signal);
		held.set(source.name, new Set(tensors.map(({ name }) => name)));
		for (const tensor of tensors) {
			const before = all.get(tensor.name);
			if (before !== undefined) throw twice(tensor.name, before.source.name, source.name);
			all.set(tensor.name, tensor);
		}
	}
	if (index !== undefined) expectWeightMap(readWeightMap(index), held);
	return all;
}

async function tensorsOf(source: ByteSource, signal?: AbortSignal): Promise<CheckpointTensor[]> {
	const start = await readRange(source, 0, Math.min(START_BYTES, source.size), signal);
	const dataStart = dataStartOf(start, source.size, source.name);
	const header = await readRange(source, LENGTH_BYTES, dataStart, signal);
	const { entries } = readSafetensorsHeader(header, source.size - dataStart, SIZES, source.name);
	return entries.map(({ name, dtype, shape, start: offset }) => ({
		name,
		shape,
		type: TYPES[dtype],
		source,
		start: dataStart + offset,
	}));
}

function twice(name: string, first: string, second: string): FormatError {
	return new FormatError(`The tensor “${name}” is in ${first} and in ${second}.`, {
		code: 'checkpoint-tensor-twice',
		hint: 'Choose the files of one model only, without copies.',
		context: { name, first, second },
	});
}
