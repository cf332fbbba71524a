/** Buffers that exist in name only: what a pass over them would take can be counted before it runs. */
import type { BufferSource } from './bufferPool.ts';

export interface Rehearsal {
	/** Bytes of all buffers that the pool would have made. */
	bytes: number;
	/** Bytes of the largest. */
	largest: number;
	dispatches: number;
}

export const imaginaryBuffers: BufferSource = {
	createBuffer: ({ size }) => {
		// tfjs gives back only what is an instance of GPUBuffer.
		const buffer = Object.create(GPUBuffer.prototype) as GPUBuffer;
		return Object.defineProperties(buffer, { size: { value: size }, destroy: { value: () => undefined } });
	},
};
