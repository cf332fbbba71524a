/**
 * Writes host values into GPU buffers through one array: the browser keeps what it was given until a garbage collection, and a
 * buffer that is mapped at its creation takes shared memory of its own size until the GPU's process has read it.
 */

/** Bytes of one write. */
const WRITE = 2 ** 22;

export class Staging {
	readonly #queue: GPUQueue;
	#bytes: Uint8Array<ArrayBuffer> | null = null;

	constructor(queue: GPUQueue) {
		this.#queue = queue;
	}

	/** Overwrites the start of a buffer; the values may be overwritten afterwards. */
	write(buffer: GPUBuffer, values: Float32Array | Int32Array): void {
		const source = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
		const bytes = (this.#bytes ??= new Uint8Array(WRITE));
		for (let at = 0; at < source.length; at += WRITE) {
			const piece = source.subarray(at, at + WRITE);
			bytes.set(piece);
			this.#queue.writeBuffer(buffer, at, bytes, 0, piece.length);
		}
	}
}
