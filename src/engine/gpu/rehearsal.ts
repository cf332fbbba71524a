/**
 * Imaginary buffers: they have a size but no memory, so the memory of a pass can be counted before it runs.
 */
import type { BufferSource } from './bufferPool.ts';

export interface Rehearsal {
	/** Bytes of all buffers that the pool would have created. */
	bytes: number;
	/** Bytes of the largest buffer. */
	largest: number;
	dispatches: number;
}

export const imaginaryBuffers: BufferSource = {
	createBuffer: ({ size }) => {
		// tfjs releases only instances of GPUBuffer.
		const buffer = Object.create(GPUBuffer.prototype) as GPUBuffer;
		return Object.defineProperties(buffer, { size: { value: size }, destroy: { value: () => undefined } });
	},
};
