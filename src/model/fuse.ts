/**
 * Converts transformers' separate weights to WebLLM's fused ones: `q,k,v_proj` become the rows of `qkv_proj`,
 * `gate,up_proj` those of `gate_up_proj`. The app's models are fused already; the golden models and published
 * checkpoints are not.
 */
import { FormatError } from '#core/errors.ts';
import { asFloats, formatOf, type StoredNumbers } from '#core/format/numberFormat.ts';
import { at } from '#core/math/at.ts';

/** A weight as stored in a file, row-major; a row of blocks is filled up with zeros. */
export interface StoredTensor extends StoredNumbers {
	shape: readonly number[];
}

/** A weight on the host: row-major float32. */
export interface HostTensor extends StoredTensor {
	data: Float32Array;
}

const FUSED: readonly (readonly [fused: string, parts: readonly string[]])[] = [
	['self_attn.qkv_proj', ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj']],
	['mlp.gate_up_proj', ['mlp.gate_proj', 'mlp.up_proj']],
];

/** Drops the leading `model.`, which not all files have, and renames MLC's `c_attn` of Qwen models. */
export function plainName(name: string): string {
	return name.replace(/^model\./, '').replace('.c_attn.', '.qkv_proj.');
}

/**
 * Renames and stacks. Tensors that are fused already or belong to no group keep their plain name.
 *
 * @throws FormatError if a group lacks one of its parts, or if their columns differ
 */
export function fuseWeights<T extends StoredTensor>(tensors: ReadonlyMap<string, T>): Map<string, T> {
	const short = new Map([...tensors].map(([name, tensor]) => [plainName(name), tensor]));
	const fused = new Map<string, T>();
	for (const [name, tensor] of short) {
		const group = FUSED.find(([, parts]) => parts.some((part) => name.includes(`.${part}.`)));
		if (group === undefined) {
			fused.set(name, tensor);
			continue;
		}
		const [target, parts] = group;
		const first = at(parts, 0);
		if (!name.includes(`.${first}.`)) continue;
		const rows = parts.map((part) => take(short, name.replace(first, part)));
		// If all parts have the same kind, so has their stack.
		expectSameColumns(name, rows);
		fused.set(name.replace(first, target), stackRows(rows) as T);
	}
	return fused;
}

function take<T>(tensors: ReadonlyMap<string, T>, name: string): T {
	const tensor = tensors.get(name);
	if (tensor !== undefined) return tensor;
	throw new FormatError(`The weights hold no "${name}".`, {
		code: 'weight-missing',
		hint: 'The model’s files are incomplete or of another architecture.',
		context: { name },
	});
}

function expectSameColumns(name: string, parts: readonly StoredTensor[]): void {
	const forms = parts.map(({ shape }) => `[${shape.join(', ')}]`);
	const columns = new Set(parts.map(({ shape }) => String(shape.slice(1))));
	if (columns.size === 1 && parts.every(({ shape }) => shape.length > 0)) return;
	throw new FormatError(`The weights "${name}" and its neighbours have the shapes ${forms.join(', ')}.`, {
		code: 'weight-shape',
		hint: 'All of them should have the same number of columns; the model’s files do not belong together.',
		context: { name },
	});
}

/** Stacks along the first axis; the other axes agree. Parts of different formats become f32. */
function stackRows(parts: readonly StoredTensor[]): StoredTensor {
	const first = at(parts, 0);
	const format = formatOf(first);
	const same = parts.every((part) => formatOf(part) === format);
	const numbers = parts.map((part) => (same ? part.data : asFloats(part)));
	const size = numbers.reduce((sum, { length }) => sum + length, 0);
	const data = blankLike(at(numbers, 0), size);
	let offset = 0;
	for (const part of numbers) {
		data.set(part, offset);
		offset += part.length;
	}
	const rows = parts.reduce((sum, { shape }) => sum + at(shape, 0), 0);
	const stack = { shape: [rows, ...first.shape.slice(1)], data };
	return same && first.format !== undefined ? { ...stack, format } : stack;
}

/** Zeros of the same kind. */
export function blankLike(data: StoredNumbers['data'], size: number): StoredNumbers['data'] {
	if (data instanceof Float32Array) return new Float32Array(size);
	return data instanceof Uint16Array ? new Uint16Array(size) : new Uint32Array(size);
}
