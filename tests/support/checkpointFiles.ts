/** Writers of small checkpoint files, as llama.cpp and safetensors write them. */
import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { ByteSource } from '#core/checkpoint/bytes.ts';
import type { Md5 } from '#core/checkpoint/convert/convert.ts';
import { joined } from '#core/format/joined.ts';

/** A copy of pieces that are valid one at a time. */
export async function wholeOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
	const all: Uint8Array[] = [];
	for await (const piece of pieces) all.push(piece.slice());
	return joined(all);
}

export function newMd5(): Md5 {
	const hash = md5.create();
	return { update: (piece) => void hash.update(piece), hex: () => bytesToHex(hash.digest()) };
}

/** A file in memory that records which ranges were read. */
export function memorySource(
	bytes: Uint8Array<ArrayBuffer>,
	name = 'model.gguf',
): ByteSource & { reads: [number, number][] } {
	const reads: [number, number][] = [];
	return {
		name,
		size: bytes.length,
		reads,
		read: (start, end) => {
			reads.push([start, end]);
			return Promise.resolve(bytes.slice(start, end));
		},
	};
}

/** A metadata value with its GGUF type. */
export type GgufField =
	| { u32: number }
	| { f32: number }
	| { flag: boolean }
	| { text: string }
	| { texts: readonly string[] }
	| { ints: readonly number[] }
	| { floats: readonly number[] };

export interface GgufTensorFile {
	name: string;
	/** Row-major: [out, in]. */
	shape: readonly number[];
	/** ggml's number of the type. */
	type: number;
	bytes: Uint8Array;
}

class Writer {
	readonly parts: number[] = [];
	readonly #view = new DataView(new ArrayBuffer(8));

	#push(bytes: number): this {
		for (let i = 0; i < bytes; i++) this.parts.push(this.#view.getUint8(i));
		return this;
	}
	u32(value: number): this {
		this.#view.setUint32(0, value, true);
		return this.#push(4);
	}
	i32(value: number): this {
		this.#view.setInt32(0, value, true);
		return this.#push(4);
	}
	u64(value: number): this {
		this.#view.setBigUint64(0, BigInt(value), true);
		return this.#push(8);
	}
	f32(value: number): this {
		this.#view.setFloat32(0, value, true);
		return this.#push(4);
	}
	text(value: string): this {
		const bytes = new TextEncoder().encode(value);
		this.u64(bytes.length);
		this.parts.push(...bytes);
		return this;
	}
	list<T>(type: number, items: readonly T[], write: (item: T) => unknown): this {
		this.u32(9).u32(type).u64(items.length);
		for (const item of items) write(item);
		return this;
	}
	field(value: GgufField): this {
		if ('u32' in value) return this.u32(4).u32(value.u32);
		if ('f32' in value) return this.u32(6).f32(value.f32);
		if ('text' in value) return this.u32(8).text(value.text);
		if ('texts' in value) return this.list(8, value.texts, (item) => this.text(item));
		if ('ints' in value) return this.list(5, value.ints, (item) => this.i32(item));
		if ('floats' in value) return this.list(6, value.floats, (item) => this.f32(item));
		this.u32(7).parts.push(value.flag ? 1 : 0);
		return this;
	}
}

const ALIGNMENT = 32;
const aligned = (at: number): number => Math.ceil(at / ALIGNMENT) * ALIGNMENT;

export function writeGguf(
	metadata: Readonly<Record<string, GgufField>>,
	tensors: readonly GgufTensorFile[],
	version = 3,
): Uint8Array<ArrayBuffer> {
	const writer = new Writer();
	const fields = Object.entries(metadata);
	writer.parts.push(...new TextEncoder().encode('GGUF'));
	writer.u32(version).u64(tensors.length).u64(fields.length);
	for (const [key, value] of fields) writer.text(key).field(value);
	let offset = 0;
	for (const { name, shape, type, bytes } of tensors) {
		writer.text(name).u32(shape.length);
		for (const length of shape.toReversed()) writer.u64(length);
		writer.u32(type).u64(offset);
		offset = aligned(offset + bytes.length);
	}
	const start = aligned(writer.parts.length);
	const out = new Uint8Array(start + offset);
	out.set(writer.parts);
	let at = start;
	for (const { bytes } of tensors) {
		out.set(bytes, at);
		at = aligned(at + bytes.length);
	}
	return out;
}

export interface SafetensorsTensorFile {
	name: string;
	dtype: string;
	shape: readonly number[];
	bytes: Uint8Array;
}

/** A safetensors file of any types, in the given order. */
export function writeTypedSafetensors(tensors: readonly SafetensorsTensorFile[]): Uint8Array<ArrayBuffer> {
	let offset = 0;
	const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
	for (const { name, dtype, shape, bytes } of tensors) {
		header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
		offset += bytes.length;
	}
	const text = new TextEncoder().encode(JSON.stringify(header));
	const out = new Uint8Array(8 + text.length + offset);
	new DataView(out.buffer).setBigUint64(0, BigInt(text.length), true);
	out.set(text, 8);
	let at = 8 + text.length;
	for (const { bytes } of tensors) {
		out.set(bytes, at);
		at += bytes.length;
	}
	return out;
}

/** The bytes of numbers, little-endian like the machine. */
export function bytesOf(numbers: Float32Array | Uint16Array): Uint8Array<ArrayBuffer> {
	return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength).slice();
}
